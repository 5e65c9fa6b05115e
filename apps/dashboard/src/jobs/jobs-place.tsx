import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { listJobs } from '../api/api.js';
import { jobStatuses } from '../api/model.js';
import { useFresh } from '../live/use-fresh.js';
import { live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { Choice } from '../ui/choice.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { go, href } from '../ui/route.js';
import { BulkActions } from './bulk-actions.js';
import { FilterField } from './filter-field.js';
import { JobList } from './job-list.js';

const pageSize = 25;
/** The gateway gives no more at once. */
const mostJobs = 100;

type Query = Readonly<Record<string, string>>;

/** The jobs, newest first, by the filters in the address. */
export function JobsPlace({ query }: { readonly query: Query }): JSX.Element {
  const { status, type, cause, scheduleId, id, cursor } = query;
  const selection = { status, type, cause, scheduleId, id };
  const [limit, setLimit] = useState(pageSize);
  const about = JSON.stringify({ ...selection, cursor, limit });
  const {
    value: page,
    problem,
    refresh,
  } = useFresh((signal) => listJobs({ ...selection, cursor, limit }, signal), about);
  const filter = (change: Readonly<Record<string, string | undefined>>): void =>
    go(href(['jobs'], { ...query, cursor: undefined, ...change }));
  return (
    <section class="panel jobs" aria-labelledby="jobs-title">
      <h2 id="jobs-title">Jobs</h2>
      <StatusFilter value={status ?? 'all'} onChange={(next) => filter({ status: next })} />
      <div class="pair">
        <FilterField
          name="type"
          label="Job type"
          placeholder="all, or like video.transcode"
          value={type ?? ''}
          onChange={(next) => filter({ type: next })}
        />
        <FilterField
          name="id"
          label="Job id"
          placeholder="all of it, or how it begins"
          value={id ?? ''}
          onChange={(next) => filter({ id: next })}
        />
      </div>
      {(cause ?? scheduleId) && (
        <p class="notice notice-warn">
          {cause ? 'Only dead letters of one cause.' : 'Only jobs of one schedule.'}{' '}
          <a href={href(['jobs'])}>Show all jobs</a>
        </p>
      )}
      <ProblemNotice problem={problem} />
      <BulkActions key={JSON.stringify(selection)} selection={selection} onDone={refresh} />
      {page && <JobList jobs={page.items} />}
      <p class="pager">
        {cursor && (
          <a class="button quiet" href={href(['jobs'], { ...query, cursor: undefined })}>
            Newest
          </a>
        )}
        {page?.nextCursor && limit < mostJobs && (
          <button type="button" class="quiet" onClick={() => setLimit(limit + pageSize)}>
            Show more
          </button>
        )}
        {page?.nextCursor && (
          <a class="button quiet" href={href(['jobs'], { ...query, cursor: page.nextCursor })}>
            Older
          </a>
        )}
      </p>
    </section>
  );
}

/** Each with its count, told live. */
function StatusFilter(props: {
  readonly value: string;
  readonly onChange: (value: string | undefined) => void;
}): JSX.Element {
  const counts = useStore(live.counts);
  const options = [
    { value: 'all', label: 'all' },
    ...jobStatuses.map((status) => ({
      value: status,
      label: counts ? `${status} ${counts[status]}` : status,
    })),
  ];
  return (
    <Choice
      name="status"
      legend="Status"
      options={options}
      value={props.value}
      onChange={(value) => props.onChange(value === 'all' ? undefined : value)}
    />
  );
}

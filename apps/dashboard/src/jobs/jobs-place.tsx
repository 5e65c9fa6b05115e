import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { listJobs } from '../api/api.js';
import { jobStatuses } from '../api/model.js';
import { useFresh } from '../live/use-fresh.js';
import { useLive } from '../live/use-live.js';
import { Choice } from '../ui/choice.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { go, href } from '../ui/route.js';
import { TypeField } from './type-field.js';
import { BulkActions } from './bulk-actions.js';
import { JobList } from './job-list.js';

const pageSize = 25;
/** The gateway gives no more at once. */
const mostJobs = 100;

type Query = Readonly<Record<string, string>>;

/** The jobs, newest first, by the filters in the address. */
export function JobsPlace({ query }: { readonly query: Query }): JSX.Element {
  const { status, type, cause, cursor } = query;
  const [limit, setLimit] = useState(pageSize);
  const about = JSON.stringify([status, type, cause, cursor, limit]);
  const {
    value: page,
    problem,
    refresh,
  } = useFresh((signal) => listJobs({ status, type, cause, cursor, limit }, signal), about);
  const filter = (change: Readonly<Record<string, string | undefined>>): void =>
    go(href(['jobs'], { ...query, cursor: undefined, ...change }));
  return (
    <section class="panel jobs" aria-labelledby="jobs-title">
      <h2 id="jobs-title">Jobs</h2>
      <StatusFilter value={status ?? 'all'} onChange={(next) => filter({ status: next })} />
      <TypeField value={type ?? ''} onChange={(next) => filter({ type: next })} />
      {cause && (
        <p class="notice notice-warn">
          Only dead letters of one cause. <a href={href(['jobs'])}>Show all jobs</a>
        </p>
      )}
      <ProblemNotice problem={problem} />
      {page && <BulkActions jobs={page.items} onDone={refresh} />}
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
  const { counts } = useLive();
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

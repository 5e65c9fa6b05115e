import type { JSX } from 'preact';
import { type JobStatus, jobStatuses } from '../api/model.js';
import { Choice } from '../ui/choice.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { useNow } from '../ui/use-now.js';
import { JobRow } from './job-row.js';
import type { RecentJobs } from './use-recent-jobs.js';

const filters = [
  { value: 'all', label: 'all' },
  ...jobStatuses.map((status) => ({ value: status, label: status }) as const),
] as const;

interface RecentJobsProps {
  readonly jobs: RecentJobs;
  readonly openId: string | undefined;
}

export function RecentJobsPanel({ jobs, openId }: RecentJobsProps): JSX.Element {
  const now = useNow();
  const items = jobs.page?.items;
  return (
    <section class="panel recent" aria-labelledby="recent-jobs">
      <h2 id="recent-jobs">Recent jobs</h2>
      <Choice
        name="status"
        legend="Status"
        options={filters}
        value={jobs.status ?? 'all'}
        onChange={(value) => jobs.filter(value === 'all' ? undefined : (value satisfies JobStatus))}
      />
      <ProblemNotice problem={jobs.problem} />
      {items?.length === 0 && (
        <p class="muted empty">{jobs.status ? `No job is ${jobs.status}.` : 'No jobs yet.'}</p>
      )}
      <ul class="rows" data-testid="recent-jobs">
        {items?.map((job) => (
          <JobRow key={job.id} job={job} now={now} open={job.id === openId} />
        ))}
      </ul>
      {jobs.more && (
        <button type="button" class="quiet" onClick={jobs.more}>
          Show more
        </button>
      )}
    </section>
  );
}

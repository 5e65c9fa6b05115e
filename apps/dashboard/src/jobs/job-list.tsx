import type { JSX } from 'preact';
import type { Job } from '../api/model.js';
import { useNow } from '../ui/use-now.js';
import { JobRow } from './job-row.js';

export function JobList({ jobs }: { readonly jobs: readonly Job[] }): JSX.Element {
  const now = useNow();
  if (jobs.length === 0) return <p class="muted empty">No jobs.</p>;
  return (
    <ul class="rows" data-testid="jobs">
      {jobs.map((job) => (
        <JobRow key={job.id} job={job} now={now} />
      ))}
    </ul>
  );
}

import type { JSX } from 'preact';
import { isFinal, type Job } from '../api/model.js';
import { formatClock, formatDuration } from '../format.js';
import { useNow } from '../ui/use-now.js';

export function JobFacts({ job }: { readonly job: Job }): JSX.Element {
  const now = useNow(!isFinal(job.status));
  return (
    <dl class="facts">
      <Fact name="Attempt">
        {job.attempt === 0 ? `– of ${job.maxAttempts}` : `${job.attempt} of ${job.maxAttempts}`}
      </Fact>
      <Fact name={job.startedAt ? 'Ran for' : 'Waited for'}>{elapsed(job, now)}</Fact>
      <Fact name="Submitted">
        <time dateTime={job.createdAt}>{formatClock(job.createdAt)}</time>
      </Fact>
      <Fact name="Worker">{job.worker ?? '–'}</Fact>
    </dl>
  );
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: JSX.Element | string;
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Of the last run; before the first one, of the wait. */
function elapsed({ startedAt, finishedAt, createdAt }: Job, now: number): string {
  const end = finishedAt ? Date.parse(finishedAt) : now;
  return formatDuration(end - Date.parse(startedAt ?? createdAt));
}

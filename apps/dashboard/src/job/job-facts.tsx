import type { JSX } from 'preact';
import { isFinal, type Job } from '../api/model.js';
import { formatClock, formatDuration, formatTook } from '../format.js';
import { Fact } from '../ui/fact.js';
import { useNow } from '../ui/use-now.js';

export function JobFacts({ job }: { readonly job: Job }): JSX.Element {
  const now = useNow(!isFinal(job.status));
  return (
    <dl class="facts">
      <Fact name="Attempt">
        {job.attempt === 0 ? `– of ${job.maxAttempts}` : `${job.attempt} of ${job.maxAttempts}`}
      </Fact>
      <Fact name={elapsedName(job)}>{elapsed(job, now)}</Fact>
      <Fact name="Submitted">
        <time dateTime={job.createdAt}>{formatClock(job.createdAt)}</time>
      </Fact>
      <Fact name="Worker">{job.worker ?? '–'}</Fact>
    </dl>
  );
}

function elapsedName({ status, startedAt, finishedAt }: Job): string {
  if (status === 'cancelled' && !startedAt) return 'Waited for';
  if (!startedAt) return 'Waiting for';
  if (status === 'retrying' || status === 'queued') return 'Since last start';
  return finishedAt ? 'Ran for' : 'Running for';
}

/** Of the last run; before the first one, of the wait. */
function elapsed({ startedAt, finishedAt, createdAt }: Job, now: number): string {
  const start = Date.parse(startedAt ?? createdAt);
  return finishedAt ? formatTook(Date.parse(finishedAt) - start) : formatDuration(now - start);
}

import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { isFinal, type Job } from '../api/model.js';
import { formatDuration, formatLeft } from '../format.js';
import { useNow } from '../ui/use-now.js';
import type { FollowedJob } from './use-job.js';

interface JobProgressProps {
  readonly job: Job;
  readonly link: FollowedJob['link'];
}

/** The bar, and one line below it that says what goes on. Both keep their place from first to last. */
export function JobProgress({ job, link }: JobProgressProps): JSX.Element {
  const now = useNow(!isFinal(job.status));
  const doneBy = useMemo(() => Date.now() + (job.progress.etaSeconds ?? 0) * 1_000, [job.progress]);
  const leftMs = job.status === 'running' ? doneBy - now : 0;
  const percent = job.status === 'succeeded' ? 100 : job.progress.percent;
  const broken = link === 'connecting' && !isFinal(job.status);
  return (
    <div class={`progress progress-${job.status}`}>
      <progress aria-label="Progress" max={100} value={percent} />
      <p class="progress-line">
        <span class="clip">{broken ? 'Connecting to live updates…' : saying(job, now)}</span>
        <span class="number">
          {leftMs > 0 && <span data-eta>{formatLeft(leftMs)} · </span>}
          {Math.floor(percent)}%
        </span>
      </p>
    </div>
  );
}

function saying(job: Job, now: number): string {
  if (job.status === 'running') return job.progress.message ?? 'Working…';
  if (job.status === 'queued') return 'Waiting for a worker';
  if (job.status === 'retrying') return until('Next attempt', job.nextAttemptAt, now);
  if (job.status === 'scheduled') return until('Starts', job.runAt, now);
  return { succeeded: 'Done', failed: 'Not done', cancelled: 'Stopped' }[job.status];
}

function until(what: string, at: string | undefined, now: number): string {
  const ms = at ? Date.parse(at) - now : 0;
  return ms > 0 ? `${what} in ${formatDuration(ms)}` : `${what} soon`;
}

import type { Job, JobEvent } from '../api/model.js';

/** A job with the progress that an event tells, if it is of the attempt that runs. */
export function withProgress(job: Job, { progress, attempt }: JobEvent): Job {
  if (!progress || job.status !== 'running' || job.attempt !== attempt) return job;
  return { ...job, progress };
}

/** The job as it was read; an answer that was on its way while progress came does not turn the bar back. */
export function withFetched(now: Job | undefined, fetched: Job): Job {
  const sameRun =
    now?.status === 'running' &&
    fetched.status === 'running' &&
    now.attempt === fetched.attempt &&
    now.startedAt === fetched.startedAt;
  if (!sameRun || now.progress.percent < fetched.progress.percent) return fetched;
  return { ...fetched, progress: now.progress };
}

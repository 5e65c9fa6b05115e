import type { JobEvent } from '@heavylift/core';

/**
 * The fact that a new job waits for a worker. Its id follows from the job's: two gateways that find the same job due
 * tell one event.
 */
export function queuedEvent(job: { readonly id: string; readonly type: string }, at: string): JobEvent {
  return {
    kind: 'queued',
    id: queuedEventId(job.id),
    jobId: job.id,
    jobType: job.type,
    attempt: 0,
    release: 0,
    at,
  };
}

export function queuedEventId(jobId: string): string {
  return `${jobId}.queued`;
}

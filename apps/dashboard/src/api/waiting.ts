import { readJson } from './request.js';

/** Why a job is not running, as `GET /v1/jobs/:id/why` gives it. */
export interface Waiting {
  /** Like `queue-paused`. */
  readonly cause: string;
  readonly message: string;
  /** What would let it run. */
  readonly unblock: string;
}

export function getWaiting(jobId: string, signal: AbortSignal): Promise<Waiting> {
  return readJson(`/v1/jobs/${encodeURIComponent(jobId)}/why`, signal);
}

import { sendJson } from './request.js';

export interface RunningJob {
  readonly jobId: string;
  readonly type: string;
  readonly attempt: number;
}

/** A worker, as the live stream tells it, those that were lost or stopped lately included. Times are ISO 8601. */
export interface Worker {
  readonly id: string;
  readonly app: string;
  /** Like `running`, `drained`, `lost`. */
  readonly status: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: string;
  readonly lastSeenAt: string;
  readonly jobTypes: readonly string[];
  readonly concurrency: number;
  readonly busy: number;
  readonly running: readonly RunningJob[];
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly eventLoopLagMs: number;
}

export function drainWorker(id: string): Promise<Worker> {
  return sendJson('POST', `${pathOf(id)}/drain`);
}

export function resumeWorker(id: string): Promise<Worker> {
  return sendJson('POST', `${pathOf(id)}/resume`);
}

/** Until it ends. */
export function resizeWorker(id: string, concurrency: number): Promise<Worker> {
  return sendJson('PUT', `${pathOf(id)}/concurrency`, { concurrency });
}

function pathOf(id: string): string {
  return `/v1/workers/${encodeURIComponent(id)}`;
}

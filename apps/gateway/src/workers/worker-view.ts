import type { RunningJob } from '@heavylift/core';
import type { SeenWorker, WorkerStatus } from './worker-register.js';

/** A worker as clients see it. */
export interface WorkerView {
  readonly id: string;
  readonly app: string;
  readonly status: WorkerStatus;
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

export function workerView({ presence, seenAt, status }: SeenWorker): WorkerView {
  const { name, at: _at, state: _state, order: _order, ...facts } = presence;
  return { id: name, status, lastSeenAt: new Date(seenAt).toISOString(), ...facts };
}

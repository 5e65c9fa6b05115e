import type { LoggedEvent, LogLine } from '@heavylift/core';

/** Of a job, the newest lines are kept, of all its attempts together. */
export const mostLogLines = 1_000;

/** What handlers wrote. */
export interface LogBook {
  /** Keeps lines, all or none. Those of a batch that is kept already are passed over, as are those of a job that is not in the store. */
  addLogs(logged: readonly LoggedEvent[]): Promise<void>;

  /** What was written for a job, in the order of its runs; only what was kept after number `afterSeq` (default 0). */
  logs(jobId: string, afterSeq?: number): Promise<LogBatch[]>;

  /** The number of what was kept last for a job; 0 before the first. */
  lastLog(jobId: string): Promise<number>;
}

/** Lines that came together. */
export interface LogBatch {
  /** Grows with each that is kept for the job. */
  readonly seq: number;
  readonly attempt: number;
  readonly run: string;
  /** Empty once newer ones have taken their place. */
  readonly lines: readonly LogLine[];
  /** How many the worker left out after these. */
  readonly leftOut: number;
  /** How many lines the run had written by then. */
  readonly total: number;
}

/** What a worker says of itself every few seconds. */
export interface Presence extends ProcessFacts {
  /** As in events and in the broker, like `video-worker@host-1:4711`. */
  readonly name: string;
  /** When it said so, ISO 8601. */
  readonly at: string;
  readonly state: WorkerState;
  readonly jobTypes: readonly string[];
  /** Jobs at a time. */
  readonly concurrency: number;
  /** How many jobs it has in hand. */
  readonly busy: number;
  /** The first hundred of them. */
  readonly running: readonly RunningJob[];
  /** The last order that it was given by its name, and follows. */
  readonly order?: string;
}

/** draining: takes nothing more, and something still runs; drained: nothing runs, but it is there; stopped: its last word. */
export type WorkerState = 'running' | 'draining' | 'drained' | 'stopped';

export interface RunningJob {
  readonly jobId: string;
  /** Like `video.transcode`. */
  readonly type: string;
  readonly attempt: number;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The process that a worker lives in. */
export interface ProcessFacts {
  /** Like `video-worker`. */
  readonly app: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of one core, without child processes; over 100 when several threads work. */
  readonly cpuPercent: number;
  /** Resident memory without that of child processes. */
  readonly rssBytes: number;
  /** The longest that a timer was late since the last word. */
  readonly eventLoopLagMs: number;
}

export const jobStatuses = [
  'scheduled',
  'queued',
  'running',
  'retrying',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export interface Progress {
  /** 0 to 100. */
  readonly percent: number;
  readonly message?: string;
  /** Until the run ends, at its pace so far. */
  readonly etaSeconds?: number;
}

/** A line that a handler wrote. */
export interface LogItem {
  readonly at: string;
  readonly attempt: number;
  readonly line: string;
}

/** What handlers of a job wrote, oldest first: as `GET /v1/jobs/:id/logs` gives it, or as more of it comes. */
export interface JobLog {
  readonly items: readonly LogItem[];
  /** How many lines are not among them. */
  readonly omitted: number;
  /** A higher one is newer. */
  readonly seq: number;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** A job, as `GET /v1/jobs/:id` gives it. Times are ISO 8601. */
export interface Job {
  readonly id: string;
  readonly type: string;
  readonly status: JobStatus;
  readonly priority: string;
  readonly progress: Progress;
  /** From 1; 0 before the first. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly payload: unknown;
  readonly result: unknown;
  readonly error?: JobError | null;
  readonly worker: string | null;
  readonly createdAt: string;
  readonly queuedAt: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly runAt?: string;
  readonly nextAttemptAt?: string;
}

export interface JobPage {
  readonly items: readonly Job[];
  readonly nextCursor?: string;
}

/** How many jobs there are of each status. */
export type JobCounts = Readonly<Record<JobStatus, number>>;

/** Half, and 95 of 100, took no longer, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** What was counted over some time. */
export interface Counted {
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly retried: number;
  readonly waitMs: Percentiles | null;
  readonly runMs: Percentiles | null;
}

/** A point of a chart; what was sampled is null where no gateway ran. */
export interface StatisticsPoint extends Counted {
  readonly at: string;
  readonly ready: number | null;
  readonly inFlight: number | null;
  readonly broker: 'up' | 'away' | null;
}

export interface Statistics {
  readonly from: string;
  readonly to: string;
  readonly pointSeconds: number;
  readonly totals: Counted;
  readonly points: readonly StatisticsPoint[];
}

/** One thing that happened to a job. */
export interface JobEvent {
  /** Its number in the job's history; grows. */
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly attempt: number;
  readonly worker: string | null;
  readonly progress?: Progress;
  readonly error?: JobError;
  readonly reason?: string;
  /** It tells how a run ended that the job had gone on without. */
  readonly late?: true;
}

/** A stored file. */
export interface Asset {
  readonly id: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: number;
}

/** How the gateway and what it needs are. */
export interface Health {
  readonly status: string;
  readonly details: Readonly<Record<string, { readonly status: string; readonly message?: string }>>;
}

export function isFinal(status: JobStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** Dead letters of one cause. */
export interface Cause {
  readonly cause: string;
  readonly type: string;
  readonly code: string;
  readonly title: string;
  readonly jobs: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly exampleId: string;
}

/** One attempt of a job. */
export interface Attempt {
  readonly attempt: number;
  readonly worker: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: string | null;
  readonly lastProgress: Progress | null;
  readonly error: (JobError & { readonly stack?: string }) | null;
}

export type DeadLetter = Job & { readonly attempts: readonly Attempt[] };

/** Which dead letters. */
export interface DeadLetterSelection {
  readonly cause?: string;
  readonly ids?: readonly string[];
}

export interface Redriven {
  readonly redriven: number;
  readonly refused: readonly {
    readonly id: string;
    readonly errors: readonly { readonly path: string; readonly message: string }[];
  }[];
  readonly refusedInAll: number;
  readonly lastAt: string | null;
}

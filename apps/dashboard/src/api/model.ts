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

import type { JobStatus } from '@heavylift/core';
import type { Priority } from '@heavylift/core';
import type { CatchUp } from './schedule-book.js';

/** The tables, with the types that both databases can keep: text, whole numbers, and 0 or 1 for no and yes. */
export interface Tables {
  readonly jobs: JobRow;
  readonly job_events: JobEventRow;
  readonly job_logs: JobLogRow;
  readonly assets: AssetRow;
  readonly asset_uses: AssetUseRow;
  readonly expired_jobs: ExpiredJobRow;
  readonly idempotency_keys: IdempotencyKeyRow;
  readonly statistics: StatisticsRow;
  readonly samples: SampleRow;
  readonly schedules: ScheduleRow;
  readonly workers: WorkerRow;
  readonly queues: QueueRow;
  readonly audit: AuditRow;
}

export interface JobRow {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly priority: Priority;
  /** JSON. */
  readonly payload: string;
  readonly timeout_ms: number;
  readonly created_at: string;
  /** Milliseconds since 1970, like every other moment that queries compare. */
  readonly due_at: number;
  /** A copy from `state`, for queries. */
  readonly status: JobStatus;
  readonly final: number;
  /** The fold of the job's events, JSON. */
  readonly state: string;
  /** How many events the job has; numbers the next one. */
  readonly events: number;
  readonly dispatched: number;
  /** Where the job was sent, or is being sent. */
  readonly keeper: string | null;
  readonly lease_until: number;
  /** The attempt and release of the message that was sent last, or is being sent. */
  readonly sending_attempt: number | null;
  readonly sending_release: number | null;
  /** Of a dead letter; null once it is discarded, and of every other job. */
  readonly cause: string | null;
  readonly finished_at: number | null;
  /** How often the job was taken over from a keeper that is gone. */
  readonly adoptions: number;
  /** The schedule that made it, and the tick: the moment by its cron, in milliseconds since 1970. */
  readonly schedule_id: string | null;
  readonly scheduled_for: number | null;
}

export interface JobEventRow {
  readonly job_id: string;
  readonly seq: number;
  readonly id: string;
  /** The event, JSON. */
  readonly body: string;
}

/** Lines of one run that came together. */
export interface JobLogRow {
  readonly job_id: string;
  readonly run: string;
  readonly batch: number;
  /** Grows by the order in which a job's were kept. */
  readonly seq: number;
  readonly attempt: number;
  readonly release: number;
  /** How many lines it has; 0 once they were trimmed. */
  readonly size: number;
  readonly left_out: number;
  readonly total: number;
  /** JSON. */
  readonly lines: string;
}

export interface AssetRow {
  readonly id: string;
  readonly filename: string;
  readonly media_type: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly created_at: string;
  readonly job_id: string | null;
}

/** A job whose payload names a file that another job made. */
export interface AssetUseRow {
  readonly asset_id: string;
  readonly job_id: string;
}

/** A job that was removed for its age. */
export interface ExpiredJobRow {
  readonly id: string;
  readonly expired_at: number;
}

export interface IdempotencyKeyRow {
  readonly key: string;
  readonly fingerprint: string;
  /** JSON. */
  readonly job_ids: string;
  readonly created_at: number;
}

/** How often something happened to jobs of a type within `step_ms` from `at` on. */
export interface StatisticsRow {
  readonly step_ms: number;
  readonly at: number;
  readonly type: string;
  readonly measure: string;
  /** Of a duration, which bin of the histogram it fell into; else 0. */
  readonly bin: number;
  readonly count: number;
}

/** What was seen in the minute from `at` on: `ready` and `inFlight` of a job type, `broker` (1 there, 0 away) of none. */
export interface SampleRow {
  readonly at: number;
  readonly name: string;
  /** Empty where it is of no type. */
  readonly type: string;
  readonly value: number;
}

export interface ScheduleRow {
  readonly id: string;
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly type: string;
  /** JSON, like `options`. */
  readonly payload: string;
  readonly options: string;
  readonly catch_up: CatchUp;
  readonly paused: number;
  readonly created_at: string;
  readonly updated_at: string;
  /** Null while it is paused. */
  readonly next_run_at: number | null;
  readonly last_run_at: number | null;
  readonly last_job_id: string | null;
}

export interface WorkerRow {
  readonly name: string;
  /** By the worker's clock. */
  readonly told_at: number;
  /** By a gateway's clock. */
  readonly seen_at: number;
  /** JSON. */
  readonly presence: string;
}

export interface QueueRow {
  readonly name: string;
  readonly paused: number;
  readonly per_minute: number | null;
}

export interface AuditRow {
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly action: string;
  readonly target: string;
  /** JSON. */
  readonly detail: string;
}

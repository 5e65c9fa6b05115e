import type { JobEvent, JobState, JobStatus, Priority, RecordedEvent } from '@heavylift/core';
import type { AssetRegister } from './asset-register.js';
import type { DeadLetterBook } from './dead-letter-book.js';
import type { ControlStore } from './control-store.js';
import type { ExpiryBook } from './expiry-book.js';
import type { FollowBook } from './follow-book.js';
import type { IdempotencyKey } from './idempotency-keys.js';
import type { LogBook } from './log-book.js';
import type { Hold, Outbox } from './outbox.js';
import type { StatisticsBook } from './statistics-book.js';
import type { ScheduleBook } from './schedule-book.js';

/**
 * The gateway's memory: what was accepted, what became of it, and what is still to be sent. Any number of gateways may share one.
 *
 * Every call may be repeated when its outcome is unknown: a second one with the same ids changes nothing.
 * Every call rejects with a `StoreUnavailableError` when the database cannot be used now; nothing of the call is stored then, unless
 * the connection was lost in the very moment of the commit.
 */
export interface JobStore
  extends
    Outbox,
    AssetRegister,
    DeadLetterBook,
    ExpiryBook,
    FollowBook,
    LogBook,
    ScheduleBook,
    StatisticsBook {
  /** For logs and health; without credentials. */
  readonly name: string;

  /** Workers, queues and the audit trail, in the same database. */
  readonly control: ControlStore;

  /**
   * Takes jobs in, all or none; resolves once they are committed. A job that is due has its first event, `queued`; one
   * whose `dueAt` is in the future is `scheduled`. A job whose id is known already stays as it is. Under a hold, jobs without a `dueAt` are stored as
   * if the keeper's relay had taken them from the outbox.
   * @throws {KeyTakenError} when one of the keys is in use for other jobs; nothing is accepted then
   */
  accept(jobs: readonly NewJob[], keys?: readonly IdempotencyKey[], hold?: Hold): Promise<void>;

  /** What an idempotency key was taken for. */
  findKey(key: string): Promise<IdempotencyKey | undefined>;

  /** Forgets idempotency keys that were taken before `before`, in milliseconds since 1970; says how many. */
  forgetKeys(before: number): Promise<number>;

  get(id: string): Promise<JobRecord | undefined>;

  /** Those of these jobs that are known, in no order. */
  getAll(ids: readonly string[]): Promise<JobRecord[]>;

  /** Newest first, by id: ids are UUIDs of version 7. */
  list(filter: JobFilter): Promise<JobRecord[]>;

  /** A job's events in the order in which they were recorded, after number `afterSeq` (default 0), at most `limit` (default 1,000). */
  history(id: string, afterSeq?: number, limit?: number): Promise<StoredEvent[]>;

  /**
   * Records events of their jobs, all or none. An event that is recorded already is passed over. The files of a success that counts
   * become the job's; those of any other run do not.
   */
  project(events: readonly JobEvent[]): Promise<Projected>;

  /** How many jobs there are of each status, zeros included; of those that match, where a filter is given. */
  counts(filter?: JobSelection): Promise<Record<JobStatus, number>>;

  /** Rejects when the database cannot be used now. */
  check(): Promise<void>;

  /** Every other call rejects from now on. */
  close(): Promise<void>;
}

export interface NewJob {
  /** A UUID of version 7. */
  readonly id: string;
  /** Like `video.transcode`. */
  readonly type: string;
  readonly version: number;
  readonly payload: unknown;
  /** Default: `normal`. */
  readonly priority?: Priority;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. Default: at once. */
  readonly dueAt?: string;
  /** The schedule that makes it. */
  readonly scheduleId?: string;
  /** The tick that it is made for, ISO 8601. No two jobs of a schedule are of one tick. */
  readonly scheduledFor?: string;
}

/** A job as it stands: what was asked for, and the fold of its events. */
export interface JobRecord extends JobState {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly priority: Priority;
  readonly payload: unknown;
  readonly timeoutMs: number;
  readonly createdAt: string;
  /** Only of a job that was to wait. */
  readonly dueAt?: string;
  /** Only of a job that a schedule made; `scheduledFor` is its tick, absent when a person ran the schedule. */
  readonly scheduleId?: string;
  readonly scheduledFor?: string;
}

/** Which jobs: those with all that is given. */
export interface JobSelection {
  readonly status?: JobStatus;
  readonly type?: string;
  /** Only dead letters of this cause. */
  readonly cause?: string;
  /** Only jobs that this schedule made. */
  readonly scheduleId?: string;
  /** Only jobs whose ids begin so. */
  readonly idPrefix?: string;
}

export interface JobFilter extends JobSelection {
  /** Only dead letters. */
  readonly dead?: true;
  /** Only these. */
  readonly ids?: readonly string[];
  /** A job id: only older ones. */
  readonly before?: string;
  readonly limit: number;
}

/** An event with its number in its job's history, from 1. */
export type StoredEvent = RecordedEvent & { readonly seq: number };

export interface Projected {
  /** Jobs that got an event which was not recorded yet. */
  readonly changed: readonly string[];
  /** Jobs that had ended, or had expired, when a run of them began: whoever runs them is to be told. */
  readonly overrun: readonly string[];
  /** Jobs that events spoke of and that are not in the store; their events are not recorded. */
  readonly unknown: readonly string[];
}

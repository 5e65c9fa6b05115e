import type { ErrorFacts } from '@heavylift/core';
import type { JobRecord } from './job-store.js';

/** The part of the store that knows the dead letters: the failed jobs that nobody has discarded. */
export interface DeadLetterBook {
  /** The dead letters, grouped by cause, the largest group first, at most `limit`. */
  causes(filter: { readonly type?: string; readonly limit: number }): Promise<CauseRecord[]>;

  /**
   * Lets jobs that failed or were cancelled run anew, with a new payload where one is given, as the next attempt; tells which. Those that have
   * meanwhile moved on are passed over.
   */
  redrive(orders: readonly RedriveOrder[]): Promise<string[]>;

  /** Takes jobs from the dead letters; they stay `failed`. Tells which were among them. */
  discard(ids: readonly string[]): Promise<string[]>;
}

/** Dead letters of one cause. */
export interface CauseRecord {
  /** Names the cause, as `JobFilter.cause` takes it. */
  readonly cause: string;
  readonly type: string;
  readonly jobs: number;
  /** When the first and the last of them failed, in milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The youngest job, with its error. */
  readonly example: JobRecord & { readonly error: ErrorFacts };
}

export interface RedriveOrder {
  readonly id: string;
  /** How many attempts it gets now. */
  readonly attempts: number;
  /** Default: the one that it had. */
  readonly payload?: unknown;
  /** When it is to run, in milliseconds since 1970. Default: at once. */
  readonly dueAt?: number;
}

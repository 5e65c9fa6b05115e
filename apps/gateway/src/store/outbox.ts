import type { JobRecord } from './job-store.js';

/** The claim of a relay on jobs that are just being stored: it sends them itself, and nobody else takes them for `leaseMs`. */
export interface Hold {
  readonly keeper: string;
  readonly leaseMs: number;
}

/**
 * The part of the store that knows which jobs are still to be sent. A job leaves the outbox when its sending is confirmed, when an event
 * proves that a worker has it, or when it is final. The events of a job that was adopted prove nothing: its old keeper's may still run it.
 */
export interface Outbox {
  /**
   * Takes up to `limit` jobs that are due and not dispatched, oldest first, and leases them for `leaseMs`: nobody else
   * gets them meanwhile. A lease that ran out is as good as none: the job comes again, as the same attempt and release while the keeper is the same.
   */
  takeUndispatched(keeper: string, limit: number, leaseMs: number): Promise<Outgoing[]>;

  /** When the first job becomes due that is not yet at `after`; both in milliseconds since 1970. Nothing when there is none. */
  nextDue(after: number): Promise<number | undefined>;

  /** The broker named by `keeper` has these jobs now. Passes over jobs that were meanwhile adopted by another. */
  markDispatched(ids: readonly string[], keeper: string): Promise<void>;

  /** Sets the end of the lease on jobs that are not dispatched: nobody takes them for `pauseMs` (default 0), then anybody may. */
  releaseUndispatched(ids: readonly string[], pauseMs?: number): Promise<void>;

  /**
   * Puts jobs that are not final and were sent to another keeper back into the outbox; says how many. For the start on a broker
   * that does not hold them: the embedded one after a restart, or a new one.
   */
  adopt(keeper: string): Promise<number>;

  /** Puts jobs that their keeper has lost back into the outbox, as adopted ones; says how many. Passes over what has ended, or is still to be sent. */
  sendAgain(ids: readonly string[]): Promise<number>;
}

/** A job to send, under the attempt and release that its message has to bear. */
export interface Outgoing {
  readonly job: JobRecord;
  readonly attempt: number;
  readonly release: number;
}

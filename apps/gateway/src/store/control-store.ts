import type { Presence, Priority } from '@heavylift/core';

/** The part of the store that an operator's steering is kept in: what workers said last, what is ordered of queues, and who ordered it. */
export interface ControlStore {
  /** Keeps the latest word of each worker; an older one than the known changes nothing. */
  saveWorkers(workers: readonly KnownWorker[]): Promise<void>;

  workers(): Promise<KnownWorker[]>;

  /** Forgets workers that were not heard since `before`, in milliseconds since 1970; says how many. */
  forgetWorkers(before: number): Promise<number>;

  /** Of the queues that somebody has changed; every other one runs without limits. */
  queueSettings(): Promise<QueueSettings[]>;

  /** Changes what is given, and answers with what holds then. */
  changeQueue(name: string, change: Partial<Omit<QueueSettings, 'name'>>): Promise<QueueSettings>;

  /** What only the store knows of the jobs of a type. Costs the same however many wait. */
  tally(jobType: string): Promise<QueueTally>;

  /** Queued jobs of a type, by lane. Looks at each of them: for when the broker cannot be asked. */
  waiting(jobType: string): Promise<Readonly<Record<Priority, number>>>;

  /** Where a queued job stands; `undefined` when it is not queued. */
  place(jobId: string): Promise<JobPlace | undefined>;

  addAudit(entry: AuditEntry): Promise<void>;

  /** Newest first; only older ones than the id `before`. */
  audit(page: { readonly before?: string; readonly limit: number }): Promise<AuditEntry[]>;

  /** Forgets entries older than this ISO 8601 moment; says how many. */
  forgetAudit(before: string): Promise<number>;
}

export interface KnownWorker {
  readonly presence: Presence;
  /** When a gateway heard it, in milliseconds since 1970. */
  readonly seenAt: number;
}

export interface QueueSettings {
  /** A job type. */
  readonly name: string;
  readonly paused: boolean;
  /** Starts a minute, over all workers; `null`: any number. */
  readonly perMinute: number | null;
}

/** Jobs of one type. */
export interface QueueTally {
  readonly running: number;
  /** Since when the job waits that was due first, ISO 8601. */
  readonly oldestAt?: string;
}

export interface JobPlace {
  /** False while the job is still to be sent to the broker. */
  readonly dispatched: boolean;
  /** In its lane, from 1. */
  readonly position: number;
  /** All that go before it: those before it in its lane, and all in higher lanes. */
  readonly ahead: number;
}

/** One thing that somebody did. */
export interface AuditEntry {
  /** A UUID of version 7. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /** The name of an API key. */
  readonly who: string;
  /** Like `queue.pause`. */
  readonly action: string;
  /** What it was done to, like the name of a queue. */
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

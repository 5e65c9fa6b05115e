import type { IdempotencyKey } from './idempotency-keys.js';
import type { JobStore, NewJob } from './job-store.js';
import type { Hold } from './outbox.js';
import { StoreUnavailableError } from './store-unavailable-error.js';

interface Waiting {
  readonly jobs: readonly NewJob[];
  readonly keys: readonly IdempotencyKey[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Sends what is accepted. */
export interface Sender {
  /** Under which it would send so many jobs itself; undefined when they had better wait in the store. */
  hold(jobs: number): Hold | undefined;
  /** These are stored, under that hold. */
  accepted(jobs: readonly NewJob[], hold: Hold | undefined): void;
}

export interface GroupCommitOptions {
  readonly sender: Sender;
  /** How many share a commit at most, unless one call alone brings more. Default: 1,000. */
  readonly mostJobs?: number;
}

/**
 * Accepts jobs for many callers at once: what arrives while a commit is under way shares the next one, since a commit costs the disk
 * the same for one job and for hundreds. Each call stays all or none.
 */
export class GroupCommit {
  readonly #store: Pick<JobStore, 'accept'>;
  readonly #sender: Sender;
  readonly #mostJobs: number;
  readonly #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;

  constructor(store: Pick<JobStore, 'accept'>, { sender, mostJobs = 1_000 }: GroupCommitOptions) {
    this.#store = store;
    this.#sender = sender;
    this.#mostJobs = mostJobs;
  }

  /** Resolves once the jobs are committed; rejects as the store does. */
  accept(jobs: readonly NewJob[], keys: readonly IdempotencyKey[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ jobs, keys, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Resolves when no call waits any more. */
  async close(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // Lets all requests that came in with this turn of the event loop join the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commit(this.#nextGroup());
    this.#flushing = undefined;
  }

  #nextGroup(): Waiting[] {
    let jobs = 0;
    const end = this.#waiting.findIndex((call) => (jobs += call.jobs.length) > this.#mostJobs);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(1, end));
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#accept(group);
      for (const call of group) call.resolve();
    } catch (error) {
      if (group.length === 1 || error instanceof StoreUnavailableError)
        for (const call of group) call.reject(error);
      else await this.#commitEach(group);
    }
  }

  /** Most jobs are never read from the outbox: who stores them sends them, and the outbox is for what that one leaves undone. */
  async #accept(group: readonly Waiting[]): Promise<void> {
    const jobs = group.flatMap((call) => call.jobs);
    const keys = group.flatMap((call) => call.keys);
    const hold = this.#sender.hold(jobs.length);
    await this.#store.accept(jobs, keys, hold);
    this.#sender.accepted(jobs, hold);
  }

  /** One call's jobs were refused: the others must not pay for it. */
  async #commitEach(group: readonly Waiting[]): Promise<void> {
    for (const call of group) await this.#commit([call]);
  }
}

import { pause } from '@heavylift/core';
import type { JobStore } from '../store/job-store.js';

const dayMs = 86_400_000;
/** So long a job that expired is told from one that never was. */
const rememberedMs = 365 * dayMs;
const batch = 500;

export interface JobExpiryOptions {
  /** How long a job is kept after its end; 0 keeps all. */
  readonly days: number;
  /** Between two batches: what others ask of the database comes in between. Default: 100. */
  readonly pauseMs?: number;
}

/** Removes jobs that ended long ago, in small batches. Any number of gateways may do it side by side. */
export class JobExpiry {
  readonly #store: Pick<JobStore, 'removeExpired' | 'forgetExpired'>;
  readonly #days: number;
  readonly #pauseMs: number;

  constructor(store: Pick<JobStore, 'removeExpired' | 'forgetExpired'>, options: JobExpiryOptions) {
    this.#store = store;
    this.#days = options.days;
    this.#pauseMs = options.pauseMs ?? 100;
  }

  /** Removes all that have expired by now, and forgets those that expired a year ago; stops early at the signal. Says how many it removed. */
  async sweep(signal: AbortSignal): Promise<number> {
    const now = Date.now();
    await this.#repeat((limit) => this.#store.forgetExpired(now - rememberedMs, limit), signal);
    if (this.#days === 0) return 0;
    return this.#repeat((limit) => this.#store.removeExpired(now - this.#days * dayMs, limit), signal);
  }

  async #repeat(remove: (limit: number) => Promise<number>, signal: AbortSignal): Promise<number> {
    let removed = 0;
    while (!signal.aborted) {
      const some = await remove(batch);
      if (some === 0) break;
      removed += some;
      await pause(this.#pauseMs, signal);
    }
    return removed;
  }
}

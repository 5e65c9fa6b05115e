import { asError } from './broker-error.js';
import type { Custody } from './custody.js';
import type { Held } from './held.js';
import { pause } from './pause.js';

const pauseAfterFailureMs = 5_000;

/** Keeps a job ours for as long as it runs: moves it to a younger delivery every `renewMs`. */
export class Lease {
  readonly #held: Held;
  readonly #custody: Custody;
  readonly #renewMs: number;
  readonly #ending = new AbortController();
  readonly #renewing: Promise<void>;
  #failure: Error | undefined;

  constructor(held: Held, custody: Custody, renewMs: number) {
    this.#held = held;
    this.#custody = custody;
    this.#renewMs = renewMs;
    this.#renewing = this.#renew();
  }

  /** Why the last renewal failed. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves once nothing moves any more: only then may the job be settled. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#renewing;
  }

  async #renew(): Promise<void> {
    for (;;) {
      const waitMs = this.#failure ? Math.min(this.#renewMs, pauseAfterFailureMs) : this.#renewMs;
      await pause(waitMs, this.#ending.signal);
      if (this.#ending.signal.aborted || !this.#held.isOurs()) return;
      await this.#renewOnce();
    }
  }

  /** After a failure the delivery in hand is kept, and serves until the next time. */
  async #renewOnce(): Promise<void> {
    try {
      await this.#held.moveTo(await this.#custody.renew(this.#held.delivery.message));
      this.#failure = undefined;
    } catch (error) {
      this.#failure = asError(error);
    }
  }
}

import { asError } from './broker-error.js';
import type { Custody } from './custody.js';
import type { Held } from './held.js';

const pauseAfterFailureMs = 5_000;

/** Keeps a job ours for as long as it runs: moves it to a younger delivery every `renewMs`. */
export class Lease {
  readonly #held: Held;
  readonly #custody: Custody;
  readonly #renewMs: number;
  #ended = false;
  #timer: NodeJS.Timeout;
  #renewing: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(held: Held, custody: Custody, renewMs: number) {
    this.#held = held;
    this.#custody = custody;
    this.#renewMs = renewMs;
    this.#timer = this.#after(renewMs);
  }

  /** Why the last renewal failed. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves once nothing moves any more: only then may the job be settled. Undefined when nothing does. */
  end(): Promise<void> | undefined {
    this.#ended = true;
    clearTimeout(this.#timer);
    return this.#renewing;
  }

  #after(waitMs: number): NodeJS.Timeout {
    return setTimeout(() => void (this.#renewing = this.#renew()), waitMs);
  }

  async #renew(): Promise<void> {
    if (!this.#held.isOurs()) return;
    await this.#renewOnce();
    this.#renewing = undefined;
    const waitMs = this.#failure ? Math.min(this.#renewMs, pauseAfterFailureMs) : this.#renewMs;
    if (!this.#ended) this.#timer = this.#after(waitMs);
  }

  /** After a failure the delivery in hand is kept, and serves until the next time. */
  async #renewOnce(): Promise<void> {
    try {
      await this.#held.moveTo(await this.#custody.renew(this.#held.message));
      this.#failure = undefined;
    } catch (error) {
      this.#failure = asError(error);
    }
  }
}

const manyJobs = 20;
const withinMs = 1_000;
const coolingMs = 250;

/** Tells which queue alone has brought many jobs lately: 20 in a row, within a second. */
export class Streak<Q> {
  #queue: Q | undefined;
  #candidate: Q | undefined;
  #count = 0;
  #since = 0;
  #coolUntil = 0;

  /** Of the last streak: it lasts until it is ended, or another queue has one. */
  get queue(): Q | undefined {
    return this.#queue;
  }

  /** A job of the queue starts. */
  saw(queue: Q): void {
    const now = performance.now();
    if (queue !== this.#candidate || (this.#count < manyJobs && now - this.#since > withinMs)) {
      this.#candidate = queue;
      this.#count = 0;
      this.#since = now;
    }
    this.#count++;
    if (this.#count >= manyJobs && now >= this.#coolUntil) this.#queue = queue;
  }

  /** Others want slots, too. For a quarter of a second there is no other streak. */
  end(): void {
    this.#queue = undefined;
    this.#candidate = undefined;
    this.#coolUntil = performance.now() + coolingMs;
  }
}

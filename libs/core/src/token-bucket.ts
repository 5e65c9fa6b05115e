const minuteMs = 60_000;
/** A start that comes so much later than it might have costs nothing of the rate. */
const lateMs = 500;

/** Says when the next start is due, at an even pace. What was not used is kept for half a second's worth, not more. Moments in milliseconds. */
export class TokenBucket {
  #perMinute: number;
  #tokens: number;
  #at: number;

  /** `tokens`: how much of the first start is saved up; below 1, nothing starts at once. */
  constructor(perMinute: number, tokens: number, now: number) {
    this.#perMinute = perMinute;
    this.#tokens = tokens;
    this.#at = now;
  }

  /** How many may start now. */
  room(now: number): number {
    this.#fill(now);
    // A timer that waited exactly long enough must not miss its token by a rounding.
    return Math.max(0, Math.floor(this.#tokens + 1e-6));
  }

  /** One has started; that may be one more than there was room for, which later ones wait for. */
  take(now: number): void {
    this.#fill(now);
    this.#tokens--;
  }

  setRate(perMinute: number, now: number): void {
    this.#fill(now);
    this.#perMinute = perMinute;
  }

  /** Until one may start. */
  waitMs(now: number): number {
    this.#fill(now);
    return Math.max(0, Math.ceil(((1 - this.#tokens) * minuteMs) / this.#perMinute));
  }

  #fill(now: number): void {
    const most = 1 + (this.#perMinute * lateMs) / minuteMs;
    const grown = (Math.max(0, now - this.#at) * this.#perMinute) / minuteMs;
    this.#tokens = Math.min(most, this.#tokens + grown);
    this.#at = now;
  }
}

/** Passes on the newest value at once, then at most one per interval. `stop` drops what waits. */
export class Throttle<T> {
  readonly #intervalMs: number;
  readonly #pass: (value: T) => void;
  #waiting: { value: T } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, pass: (value: T) => void) {
    this.#intervalMs = intervalMs;
    this.#pass = pass;
  }

  push(value: T): void {
    if (this.#timer) {
      this.#waiting = { value };
      return;
    }
    this.#pass(value);
    this.#timer = setTimeout(() => this.#next(), this.#intervalMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
  }

  #next(): void {
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.push(waiting.value);
  }
}

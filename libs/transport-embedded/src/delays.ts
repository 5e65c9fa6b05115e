/** The longest that one timer of the runtime can wait. */
const longestTimerMs = 2 ** 31 - 1;

/** Calls that are due later; whoever made it ends it with `close`. */
export class Delays {
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Calls `due` after `delayMs`, however long that is. */
  after(delayMs: number, due: () => void): void {
    const waitMs = Math.min(Math.max(0, delayMs), longestTimerMs);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (delayMs > waitMs) this.after(delayMs - waitMs, due);
      else due();
    }, waitMs);
    this.#timers.add(timer);
  }

  /** Forgets what is not due yet. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

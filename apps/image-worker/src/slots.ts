interface Waiter {
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/** Lets at most `count` in at a time, the others in the order they came. */
export class Slots {
  readonly #waiting = new Set<Waiter>();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Resolves when there is room; whoever got in calls `leave` once.
   * @throws the signal's reason when it aborts before that, or what `refuseWaiting` was given
   */
  enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#free === 0) return this.#wait(signal);
    this.#free -= 1;
    return Promise.resolve();
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next) next.admit();
    else this.#free += 1;
  }

  refuseWaiting(error: Error): void {
    for (const waiter of this.#waiting) waiter.refuse(error);
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(waiter);
        then();
      };
      const waiter: Waiter = {
        admit: () => settle(resolve),
        refuse: (error) => settle(() => reject(error)),
      };
      const onAbort = (): void => waiter.refuse(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
    });
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<SimProcess>();

/**
 * One life of a process. Its code is real and cannot be ended from outside; death means that no timer of it fires and no answer
 * reaches it any more. What it has sent by then is on its way.
 */
export class SimProcess {
  readonly name: string;
  /** Until then nothing fires, as under SIGSTOP; virtual milliseconds. */
  pausedUntil = 0;
  /** Until then nothing that it sends arrives, and nothing reaches it; virtual milliseconds. */
  cutUntil = 0;
  readonly #deaths: (() => void)[] = [];
  #alive = true;

  constructor(name: string) {
    this.name = name;
  }

  /** The process whose code is running; none in a server. */
  static get running(): SimProcess | undefined {
    return current.getStore();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Runs code, and all that follows from it, as this process. */
  run<T>(code: () => T): T {
    return current.run(this, code);
  }

  onDeath(listener: () => void): void {
    this.#deaths.push(listener);
  }

  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const listener of this.#deaths) SimProcess.outside(listener);
  }

  /** Runs code that belongs to no process. */
  static outside<T>(code: () => T): T {
    return current.exit(code);
  }
}

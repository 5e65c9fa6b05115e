import { pause } from '@heavylift/core';
import { asError, brokerError, closedError } from './broker-error.js';

/** Something open. */
export interface Opened<T> {
  readonly value: T;
  /** Resolves, never rejects, once it can be used no more; says why. */
  readonly ended: Promise<Error>;
  /** Ends it. Resolves also when it has ended already. */
  close(): Promise<void>;
}

const shortestPauseMs = 100;
const longestPauseMs = 3_000;
/** What lives shorter than this and ends again is treated like a failure to open, or it would spin. */
const healthyAfterMs = 5_000;

/** Keeps one thing open: opens it, waits for its end, opens it again after a pause with full jitter, 100 ms to 3 s. */
export class Reopening<T> {
  readonly #what: string;
  readonly #open: (stopping: AbortSignal) => Promise<Opened<T>>;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<() => void>();
  #current: Opened<T> | undefined;
  #failure: Error | undefined;
  #loop: Promise<void> | undefined;
  #giveUp: (reason: Error) => void = () => {};
  readonly #givenUp = new Promise<Error>((resolve) => (this.#giveUp = resolve));

  /** `what` completes the sentence "no ... within 5 s". `open` should give up when its signal aborts: `close` waits for it. */
  constructor(what: string, open: (stopping: AbortSignal) => Promise<Opened<T>>) {
    this.#what = what;
    this.#open = open;
  }

  start(): this {
    this.#loop ??= this.#run();
    return this;
  }

  /** What is open now. */
  get current(): T | undefined {
    return this.#current?.value;
  }

  /** Why nothing is open now. */
  get failure(): Error | undefined {
    return this.#current ? undefined : this.#failure;
  }

  /**
   * What is open, waiting for it up to `timeoutMs`, or until `giveUp` aborts.
   * @throws {TransportError} `broker.unreachable` when it stays away, `broker.closed` after `close`
   */
  get(timeoutMs: number, giveUp?: AbortSignal): Promise<T> {
    if (this.#stopping.signal.aborted) return Promise.reject(closedError());
    if (this.#current) return Promise.resolve(this.#current.value);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        giveUp?.removeEventListener('abort', settle);
        if (this.#current) resolve(this.#current.value);
        else reject(this.#absent(timeoutMs));
      };
      const timer = setTimeout(settle, Math.max(0, timeoutMs));
      this.#waiting.add(settle);
      giveUp?.addEventListener('abort', settle);
    });
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#answer();
    await this.#current?.close();
    // Whoever does not answer a close must not hold up the end of the process.
    this.#giveUp(closedError());
    await this.#loop;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const livedMs = await this.#once();
      if (livedMs > healthyAfterMs) failures = 0;
      const longest = Math.min(longestPauseMs, shortestPauseMs * 2 ** failures++);
      await pause(Math.random() * longest, this.#stopping.signal);
    }
  }

  /** Opens, and waits for the end. Says how long it was open. */
  async #once(): Promise<number> {
    try {
      const opened = await this.#open(this.#stopping.signal);
      if (this.#stopping.signal.aborted) await opened.close();
      else return await this.#use(opened);
    } catch (error) {
      this.#failure = asError(error);
    }
    return 0;
  }

  async #use(opened: Opened<T>): Promise<number> {
    const since = performance.now();
    this.#current = opened;
    this.#answer();
    this.#failure = await Promise.race([opened.ended, this.#givenUp]);
    this.#current = undefined;
    return performance.now() - since;
  }

  #answer(): void {
    for (const settle of [...this.#waiting]) settle();
  }

  #absent(waitedMs: number): Error {
    if (this.#stopping.signal.aborted) return closedError();
    return brokerError(
      'broker.unreachable',
      `no ${this.#what} within ${Math.round(waitedMs)} ms`,
      this.#failure,
    );
  }
}

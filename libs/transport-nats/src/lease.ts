import { Ending } from '@heavylift/core';

/** Asks the server for another term of what is leased; rejects when it was not confirmed within its time. */
type Renew<T> = (leased: T, timeoutMs: number) => Promise<void>;

/** So many times in a term the leases are looked after. */
const looks = 24;

/**
 * The right to work on one message. Renewed from a timer, so that a busy or slow handler does not matter; each renewal is confirmed,
 * so that a silent server is noticed too. Lost once the last confirmed renewal is nearly as old as the lease: the server gives, or
 * soon gives, the message to another.
 */
export class Lease<T> {
  readonly #keeper: Leases<T>;
  readonly #leased: T;
  #confirmedAt: number;
  #askedAt: number;
  readonly #loss = new Ending<null>();

  constructor(keeper: Leases<T>, leased: T, now: number) {
    this.#keeper = keeper;
    this.#leased = leased;
    this.#confirmedAt = now;
    this.#askedAt = now;
  }

  get isLost(): boolean {
    return this.#loss.isOver;
  }

  /** Aborts when the lease is lost. */
  get lost(): AbortSignal {
    return this.#loss.signal;
  }

  /** True once `work` is done, false as soon as the lease is lost. One at a time. */
  unlessLost(work: Promise<void>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#loss.onEnd(() => resolve(false));
      work.then(() => resolve(true), reject);
    });
  }

  /** The message is settled, or no longer ours. */
  end(): void {
    this.#keeper.forget(this);
  }

  /** Renews, or is lost, if it is time. */
  look(now: number, leaseMs: number): void {
    // What would be over before the next look is over now: late would be too late.
    if (now - this.#confirmedAt > leaseMs - leaseMs / looks) this.#lose();
    else if (now - this.#askedAt >= leaseMs / 3 - leaseMs / looks / 2) this.#ask(now, leaseMs / 3);
  }

  #ask(now: number, timeoutMs: number): void {
    this.#askedAt = now;
    this.#keeper.renew(this.#leased, timeoutMs).then(
      () => (this.#confirmedAt = Math.max(this.#confirmedAt, now)),
      () => {
        // The loss, which is not put off then, is the answer to a failed renewal.
      },
    );
  }

  #lose(): void {
    this.end();
    this.#loss.end(null);
  }
}

/** The leases of one consumption, which one timer looks after: two timers, a signal and its listener for each were 7 % of what an empty job costs. */
export class Leases<T> {
  readonly renew: Renew<T>;
  readonly #leaseMs: number;
  readonly #held = new Set<Lease<T>>();
  #looking: NodeJS.Timeout | undefined;

  /** `leaseMs`: how long each lasts from its last confirmed renewal. */
  constructor(leaseMs: number, renew: Renew<T>) {
    this.renew = renew;
    this.#leaseMs = leaseMs;
  }

  begin(leased: T): Lease<T> {
    const lease = new Lease(this, leased, performance.now());
    this.#held.add(lease);
    this.#looking ??= setInterval(() => this.#look(), this.#leaseMs / looks);
    return lease;
  }

  /** Neither renewed nor lost any more. */
  forget(lease: Lease<T>): void {
    this.#held.delete(lease);
    if (this.#held.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #look(): void {
    const now = performance.now();
    for (const lease of this.#held) lease.look(now, this.#leaseMs);
  }
}

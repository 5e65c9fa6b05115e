/**
 * The right to work on one message. Renewed from a timer, so that a busy or slow handler does not matter; each renewal is confirmed,
 * so that a silent server is noticed too. `lost` aborts once the last confirmed renewal is older than the lease: the server gives, or
 * has given, the message to another.
 */
export class Lease {
  readonly #lost = new AbortController();
  readonly #leaseMs: number;
  readonly #renew: (timeoutMs: number) => Promise<void>;
  readonly #ticking: NodeJS.Timeout;
  #expiry: NodeJS.Timeout;
  #ended = false;

  /** @param renew rejects when it was not confirmed within its time */
  constructor(leaseMs: number, renew: (timeoutMs: number) => Promise<void>) {
    this.#leaseMs = leaseMs;
    this.#renew = renew;
    this.#expiry = this.#expireIn(leaseMs);
    this.#ticking = setInterval(() => void this.#tick(), leaseMs / 3);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The message is settled, or no longer ours. */
  end(): void {
    this.#ended = true;
    clearInterval(this.#ticking);
    clearTimeout(this.#expiry);
  }

  async #tick(): Promise<void> {
    const askedAt = performance.now();
    const confirmed = await this.#renew(this.#leaseMs / 3).then(
      () => true,
      () => false, // The expiry, which is not put off then, is the answer to a failed renewal.
    );
    if (!confirmed || this.#ended) return;
    clearTimeout(this.#expiry);
    this.#expiry = this.#expireIn(askedAt + this.#leaseMs - performance.now());
  }

  #expireIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.end();
      this.#lost.abort();
    }, ms);
  }
}

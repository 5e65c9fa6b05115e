import { Bell } from './bell.js';

/** Does something again and again until it is ended. */
export class LeaseRenewal {
  readonly #renew: () => Promise<void>;
  readonly #everyMs: number;
  readonly #bell = new Bell();
  readonly #loop: Promise<void>;
  #ended = false;

  /** `renew` must not reject. */
  constructor(everyMs: number, renew: () => Promise<void>) {
    this.#everyMs = everyMs;
    this.#renew = renew;
    this.#loop = this.#run();
  }

  /** Resolves once no renewal is under way any more. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#bell.ring();
    await this.#loop;
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#bell.wait(this.#everyMs);
      if (this.#ended) return;
      await this.#renew();
    }
  }
}

import type { Logger } from '@heavylift/core';

/** Warns at most once in `intervalMs`; says how many warnings it kept to itself in between. */
export class SparingLog {
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #intervalMs: number;
  #quietUntil = 0;
  #unsaid = 0;

  constructor(logger: Pick<Logger, 'warn'>, intervalMs: number) {
    this.#logger = logger;
    this.#intervalMs = intervalMs;
  }

  warn(message: string, facts: Readonly<Record<string, unknown>>): void {
    if (Date.now() < this.#quietUntil) {
      this.#unsaid++;
      return;
    }
    this.#logger.warn(message, this.#unsaid > 0 ? { ...facts, unsaid: this.#unsaid } : facts);
    this.#quietUntil = Date.now() + this.#intervalMs;
    this.#unsaid = 0;
  }
}

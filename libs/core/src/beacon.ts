import type { Presence, WorkerState } from './presence.js';
import type { Logger } from './worker-environment.js';

export interface BeaconOptions {
  readonly describe: () => Presence;
  /** Rejects when nobody can be told now. */
  readonly tell: (presence: Presence) => Promise<void>;
  readonly logger: Logger;
}

const everyMs = 5_000;
const goodbyeWithinMs = 1_000;

/** Tells every 5 seconds that a worker is there, and how it is. */
export class Beacon {
  readonly #options: BeaconOptions;
  #timer: NodeJS.Timeout | undefined;
  #silent = false;

  constructor(options: BeaconOptions) {
    this.#options = options;
  }

  /** Idempotent. */
  start(): void {
    this.#timer ??= setInterval(() => this.tell(), everyMs);
    this.tell();
  }

  /** Tells now, without waiting for it. */
  tell(): void {
    if (this.#timer) void this.#say();
  }

  /** Says goodbye, for a second at most. */
  async end(): Promise<void> {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    let late: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (late = setTimeout(resolve, goodbyeWithinMs)));
    await Promise.race([this.#say('stopped'), tooLate]);
    clearTimeout(late);
  }

  /** A broker that is away is complained of once. */
  async #say(state?: WorkerState): Promise<void> {
    const { describe, tell, logger } = this.#options;
    try {
      await tell({ ...describe(), ...(state ? { state } : {}) });
      this.#silent = false;
    } catch (error) {
      if (!this.#silent) logger.warn('nobody can be told that this worker is there', { error });
      this.#silent = true;
    }
  }
}

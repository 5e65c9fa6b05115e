import { setTimeout as pause } from 'node:timers/promises';
import type { Api, Job } from './api.js';

/** What became of a post. */
export interface Posted {
  readonly status: number;
  readonly id: string;
  readonly tookMs: number;
}

/** Posts the same job again and again, `everyMs`, until it is stopped. */
export class SteadyClient {
  readonly #api: Api;
  readonly #submission: object;
  readonly #posted: Posted[] = [];
  readonly #posting: Promise<void>;
  #stopped = false;

  constructor(api: Api, submission: object, everyMs: number) {
    this.#api = api;
    this.#submission = submission;
    this.#posting = this.#run(everyMs);
    // Whoever stops it hears of a failure.
    this.#posting.catch(() => {});
  }

  /** Resolves with all that it has posted, once the last post is answered. */
  async stop(): Promise<readonly Posted[]> {
    this.#stopped = true;
    await this.#posting;
    return this.#posted;
  }

  async #run(everyMs: number): Promise<void> {
    while (!this.#stopped) {
      const turn = pause(everyMs);
      await this.#post();
      await turn;
    }
  }

  async #post(): Promise<void> {
    const before = performance.now();
    const { status, body } = await this.#api.post<Job>('/v1/jobs', this.#submission);
    this.#posted.push({ status, id: body.id, tookMs: performance.now() - before });
  }
}

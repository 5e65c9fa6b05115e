import type { Consumption, TransportError } from '@heavylift/core';
import type { Msg } from 'nats';
import type { Connection } from './connection.js';
import { stoppedError, toTransportError } from './failures.js';
import { failureOf, Pull, type PullRequest, waitMs } from './pull.js';

export interface PullLoopOptions {
  readonly connection: Connection;
  readonly source: Pick<PullRequest, 'stream' | 'durable'>;
  /** What it leaves unacknowledged comes again after the lease; a rejection is only warned of. */
  readonly handle: (message: Msg) => Promise<void>;
  readonly warn: (error: TransportError) => void;
}

const batch = 256;

/** Work of the transport's own, done by whichever clients are there: takes each message of a consumer and handles it. */
export class PullLoop implements Consumption {
  readonly #options: PullLoopOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #pull: Pull | undefined;
  /** How the last pull ended, if badly. */
  #failure: TransportError | undefined;

  constructor(options: PullLoopOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#pull?.stop();
    await this.#done;
  }

  /** @throws {TransportError} when it is stopped, or the last pull was refused or not answered in its time */
  async check(): Promise<void> {
    if (this.#stopping.signal.aborted) throw stoppedError();
    if (this.#failure) throw this.#failure;
  }

  async #run(): Promise<void> {
    const { connection, warn } = this.#options;
    for (;;) {
      await connection.usable(this.#stopping.signal);
      if (this.#stopping.signal.aborted || connection.closing.aborted) return;
      await this.#round().catch(async (error: unknown) => {
        warn(toTransportError(error, `work on ${this.#options.source.durable}`));
        await connection.repair(this.#stopping.signal);
      });
    }
  }

  async #round(): Promise<void> {
    const { connection, source } = this.#options;
    const inHand: Promise<void>[] = [];
    this.#pull = new Pull(connection, { ...source, batch, waitMs }, (message) =>
      inHand.push(this.#handle(message)),
    );
    const end = await this.#pull.ended;
    await Promise.all(inHand);
    this.#failure = failureOf(end);
    if (this.#failure) throw this.#failure;
  }

  async #handle(message: Msg): Promise<void> {
    try {
      await this.#options.handle(message);
    } catch (error) {
      this.#options.warn(toTransportError(error, `handle ${message.subject}`));
    }
  }
}

import { type Consumption, TransportError } from '@heavylift/core';
import type { Msg } from 'nats';
import type { Connection } from './connection.js';
import { toTransportError } from './failures.js';
import { Pull, type PullEnd, type PullRequest, waitMs } from './pull.js';

export interface WatchOptions {
  readonly connection: Connection;
  readonly source: Pick<PullRequest, 'stream' | 'durable'>;
  /** At most so many messages unsettled. */
  readonly max: number;
  /** Gets each message; calls `settled` once it is done with it. */
  readonly arrived: (message: Msg, settled: () => void) => void;
  readonly failed: (error: TransportError) => void;
}

/** Keeps as many messages requested as there is room for, until stopped. */
export class JobWatch implements Consumption {
  readonly #options: WatchOptions;
  readonly #pulls = new Set<Pull>();
  readonly #stopping = new AbortController();
  #unsettled = 0;
  #filling = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#fill();
  }

  /** Resolves once nothing can arrive any more; does not wait for what has arrived. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#pulls].map((pull) => pull.stop()));
  }

  get #room(): number {
    const requested = [...this.#pulls].reduce((sum, pull) => sum + pull.remaining, 0);
    return this.#options.max - this.#unsettled - requested;
  }

  /** One at a time: what falls free meanwhile is asked for in the same request. */
  #fill(): void {
    if (this.#filling || this.#stopping.signal.aborted || this.#room <= 0) return;
    this.#filling = true;
    this.#request()
      .catch((error: unknown) => this.#options.failed(toTransportError(error, 'pull jobs')))
      .finally(() => (this.#filling = false));
  }

  async #request(): Promise<void> {
    const { connection, source } = this.#options;
    await connection.usable(this.#stopping.signal);
    if (this.#stopping.signal.aborted || connection.closing.aborted) return;
    const pull = new Pull(connection, { ...source, batch: this.#room, waitMs }, (message) =>
      this.#take(message),
    );
    this.#pulls.add(pull);
    void pull.ended.then((end) => this.#next(pull, end));
  }

  async #next(pull: Pull, end: PullEnd): Promise<void> {
    this.#pulls.delete(pull);
    if (end === 'silent' || end instanceof TransportError) await this.#recover(end);
    this.#fill();
  }

  #take(message: Msg): void {
    this.#unsettled++;
    this.#options.arrived(message, () => {
      this.#unsettled--;
      this.#fill();
    });
  }

  /** The consumer may have been deleted; a server does not answer a pull from one that does not exist. */
  async #recover(end: 'silent' | TransportError): Promise<void> {
    if (end !== 'silent') this.#options.failed(end);
    await this.#options.connection.repair(this.#stopping.signal);
  }
}

import type { IntakeStream, TransportError } from '@heavylift/core';
import type { Msg } from 'nats';
import type { Connection } from './connection.js';
import { toTransportError } from './failures.js';
import type { Room } from './held.js';
import { failureOf, Pull, type PullEnd, type PullRequest, waitMs } from './pull.js';

export interface WatchOptions {
  readonly connection: Connection;
  readonly source: Pick<PullRequest, 'stream' | 'durable'>;
  readonly failed: (error: TransportError) => void;
}

/** Keeps as many messages requested as there is room for, from each start to the next stop. */
export class JobWatch implements IntakeStream, Room {
  readonly #options: WatchOptions;
  readonly #pulls = new Set<Pull>();
  #resting = new AbortController();
  #max = 0;
  #arrived: (message: Msg) => void = () => {};
  /** Of all that it ever brought. */
  #unsettled = 0;
  #filling = false;
  /** How the last pull ended, if badly. */
  #failure: TransportError | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#resting.abort();
  }

  /** At most `max` messages unsettled. */
  start(max: number, arrived: (message: Msg) => void): void {
    this.#max = max;
    this.#arrived = arrived;
    this.#resting = new AbortController();
    this.#fill();
  }

  /** So many more. */
  widen(by: number): void {
    this.#max += by;
    this.#fill();
  }

  /** Resolves once nothing can arrive any more; does not wait for what has arrived. */
  async stop(): Promise<void> {
    this.#resting.abort();
    await Promise.all([...this.#pulls].map((pull) => pull.stop()));
  }

  /** @throws {TransportError} when the last pull was refused, or not answered in its time */
  async check(): Promise<void> {
    if (this.#failure) throw this.#failure;
  }

  /** One less has no outcome yet. */
  settled(): void {
    this.#unsettled--;
    this.#fill();
  }

  get #room(): number {
    let room = this.#max - this.#unsettled;
    for (const pull of this.#pulls) room -= pull.remaining;
    return room;
  }

  /** Not one by one: what falls free at the same moment is asked for together, and a few at a time as long as the server has a request that it can answer. */
  #fill(): void {
    if (this.#filling || this.#resting.signal.aborted || !this.#worthwhile) return;
    this.#filling = true;
    const resting = this.#resting.signal;
    this.#request(resting)
      .catch((error: unknown) => this.#options.failed(toTransportError(error, 'pull jobs')))
      .finally(() => {
        this.#filling = false;
        // It may have been started anew meanwhile.
        if (resting.aborted) this.#fill();
      });
  }

  get #worthwhile(): boolean {
    const room = this.#room;
    return room > 0 && (this.#pulls.size === 0 || room >= this.#max / 4);
  }

  async #request(resting: AbortSignal): Promise<void> {
    const { connection, source } = this.#options;
    await Promise.resolve();
    if (!connection.ready) await connection.usable(resting);
    if (resting.aborted || connection.closing.aborted) return;
    const request = { ...source, batch: this.#room, waitMs };
    const pull = new Pull(connection, request, (message) => this.#take(message));
    this.#pulls.add(pull);
    void pull.ended.then((end) => this.#next(pull, end));
  }

  async #next(pull: Pull, end: PullEnd): Promise<void> {
    this.#pulls.delete(pull);
    this.#failure = failureOf(end);
    if (this.#failure) await this.#recover(this.#failure);
    this.#fill();
  }

  #take(message: Msg): void {
    this.#unsettled++;
    this.#failure = undefined;
    this.#arrived(message);
  }

  /** The consumer may have been deleted; a server does not answer a pull from one that does not exist. */
  async #recover(failure: TransportError): Promise<void> {
    this.#options.failed(failure);
    await this.#options.connection.repair(this.#resting.signal);
  }
}

import { type Consumption, type Listener, pause, type TransportError } from '@heavylift/core';
import type { Msg } from 'nats';
import { acknowledgeAll, putOff, renewSoon } from './acknowledgement.js';
import type { Connection } from './connection.js';
import { eventOf } from './events.js';
import { stoppedError, toTransportError } from './failures.js';
import { failureOf, Pull, waitMs } from './pull.js';
import { durableOf, eventsStream } from './streams.js';

export interface GroupSubscriptionOptions {
  readonly connection: Connection;
  readonly group: string;
  readonly listener: Listener;
  readonly ackWaitMs: number;
  readonly warn: (error: TransportError) => void;
}

const largestBatch = 256;
const againMs = 200;

/**
 * One member of a group: takes a batch, hands it on until the listener accepts it, acknowledges it, takes the next. It holds no event
 * beyond the batch in hand, so that a member that dies or stalls delays nothing else.
 */
export class GroupSubscription implements Consumption {
  readonly #options: GroupSubscriptionOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #pull: Pull | undefined;
  /** How the last pull ended, if badly. */
  #failure: TransportError | undefined;

  constructor(options: GroupSubscriptionOptions) {
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
    if (this.#stopped) throw stoppedError();
    if (this.#failure) throw this.#failure;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted || this.#options.connection.closing.aborted;
  }

  async #run(): Promise<void> {
    const { connection, group, warn } = this.#options;
    while (!this.#stopped) {
      await connection.usable(this.#stopping.signal);
      await this.#round().catch(async (error: unknown) => {
        warn(toTransportError(error, `take events of group ${group}`));
        await connection.repair(this.#stopping.signal);
      });
    }
  }

  /** What is there already comes in one batch; when there is nothing, the first event to come makes a batch of its own. */
  async #round(): Promise<void> {
    if (this.#stopped) return;
    const waiting = await this.#take(largestBatch, 0);
    const batch = waiting.length > 0 || this.#stopped ? waiting : await this.#take(1, waitMs);
    if (batch.length > 0) await this.#handOn(batch);
  }

  async #take(batch: number, wait: number): Promise<readonly Msg[]> {
    const { connection, group } = this.#options;
    const taken: Msg[] = [];
    const source = { stream: eventsStream.name, durable: durableOf(group) };
    this.#pull = new Pull(connection, { ...source, batch, waitMs: wait }, (message) => taken.push(message));
    const end = await this.#pull.ended;
    this.#failure = taken.length === 0 ? failureOf(end) : undefined;
    if (this.#failure) throw this.#failure;
    return taken;
  }

  async #handOn(batch: readonly Msg[]): Promise<void> {
    const { connection, ackWaitMs } = this.#options;
    const renewing = setInterval(() => batch.forEach((each) => renewSoon(connection, each)), ackWaitMs / 3);
    try {
      if (await this.#accepted(batch)) await acknowledgeAll(connection, batch);
      else batch.forEach((each) => putOff(connection, each, 0));
    } finally {
      clearInterval(renewing);
    }
  }

  /** The same batch in place until it passes: put back, it would come after younger events. False when stopped before. */
  async #accepted(batch: readonly Msg[]): Promise<boolean> {
    const { listener, group, warn } = this.#options;
    const events = batch.map(eventOf);
    for (;;) {
      try {
        await listener(events);
        return true;
      } catch (error) {
        warn(toTransportError(error, `hand ${events.length} events to group ${group}; they come again`));
        await pause(againMs, this.#stopping.signal);
        if (this.#stopped) return false;
      }
    }
  }
}

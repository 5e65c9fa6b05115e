import { type Consumption, type Logger, queuesOf, type Transport } from '@heavylift/core';
import { persist } from '@heavylift/nestjs';
import type { LiveEvents } from '../live/live-events.js';
import type { DeadLetterSweeper } from './dead-letter-sweeper.js';
import type { GivenUpJobs } from './given-up-jobs.js';
import type { QueueOrders } from '../queues/queue-orders.js';
import type { OutboxRelay } from './outbox-relay.js';
import type { Projection } from './projection.js';
import type { SignalDesk } from './signal-desk.js';

export interface DispatcherParts {
  readonly relay: OutboxRelay;
  readonly projection: Projection;
  readonly desk: SignalDesk;
  readonly live: LiveEvents;
  readonly givenUp: GivenUpJobs;
  readonly orders: QueueOrders;
  readonly sweeper: DeadLetterSweeper;
}

/** What goes over the broker: jobs out, events in, and the line to the workers. Begins as soon as the broker is there. */
export class Dispatcher {
  readonly #transport: Transport;
  readonly #parts: DispatcherParts;
  readonly #logger: Logger;
  readonly #stopped = new AbortController();
  #starting: Promise<void> = Promise.resolve();
  #givenUp: Consumption | undefined;

  constructor(transport: Transport, parts: DispatcherParts, logger: Logger) {
    this.#transport = transport;
    this.#parts = parts;
    this.#logger = logger;
  }

  /** Returns at once; a broker that is away is waited for. */
  start(jobTypes: readonly string[]): void {
    this.#starting = this.#start(jobTypes);
  }

  /** Resolves when what was under way is confirmed or given back, and the transport is closed. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#starting;
    await this.#parts.live.close();
    await this.#parts.orders.stop();
    await this.#parts.sweeper.stop();
    await this.#parts.relay.stop();
    await this.#givenUp?.stop();
    await this.#parts.projection.stop();
    await this.#transport.close();
  }

  async #start(jobTypes: readonly string[]): Promise<void> {
    const { relay, projection, desk, live, givenUp, orders, sweeper } = this.#parts;
    const queues = jobTypes.flatMap(queuesOf);
    const steps: [string, () => Promise<void>][] = [
      [`connect to ${this.#transport.name}`, () => this.#transport.connect(queues)],
      ['listen to the workers', () => desk.open(this.#transport)],
      ['record events', () => projection.start(this.#transport)],
      ['hear of jobs given up', () => this.#listenTo(givenUp)],
    ];
    for (const [step, work] of steps)
      if (!(await persist(step, work, this.#logger, this.#stopped.signal))) return;
    live.open(this.#transport);
    relay.start();
    orders.start();
    sweeper.start();
  }

  async #listenTo(givenUp: GivenUpJobs): Promise<void> {
    this.#givenUp = await this.#transport.onGivenUp((letter) => givenUp.end(letter));
  }
}

import type { Transport } from '@heavylift/core';
import { OutboxRelay } from '../../apps/gateway/src/dispatch/outbox-relay.js';
import { Projection } from '../../apps/gateway/src/dispatch/projection.js';
import { Reconciler } from '../../apps/gateway/src/dispatch/reconciler.js';
import { SignalDesk } from '../../apps/gateway/src/dispatch/signal-desk.js';
import { GroupCommit } from '../../apps/gateway/src/store/group-commit.js';
import type { NewJob } from '../../apps/gateway/src/store/job-store.js';
import type { Broker } from './broker.js';
import { Connection } from './connection.js';
import { definition } from './handler.js';
import { linkSignals } from './hotline-link.js';
import type { Pieces } from './pieces.js';
import { silent } from './silent.js';
import { SimProcess } from './sim-process.js';
import { linkStore, type StoreServer } from './store-link.js';
import type { World } from './world.js';

/** Lost jobs are looked for sooner than in life, yet later than a lease and the longest attempt. */
const soon = { everyMs: 4_000, silentMs: 35_000 };

/** One life of a gateway: the real `GroupCommit`, `OutboxRelay`, `Projection` and `SignalDesk`, between a simulated broker and store. */
export class GatewayProcess {
  readonly process: SimProcess;
  readonly connection: Connection;
  readonly #commit: GroupCommit;
  readonly #relay: OutboxRelay;
  readonly #projection: Projection;

  constructor(world: World, broker: Broker, server: StoreServer, name: string, pieces: Pieces) {
    this.process = new SimProcess(name);
    const connection = new Connection(world, broker, this.process);
    this.connection = connection;
    const store = linkStore(world, server, this.process);
    let ids = 0;
    const desk = new SignalDesk({ store, name, logger: silent, newId: () => `${name}:${++ids}` });
    this.#projection = new Projection(store, {
      logger: silent,
      tellOverrun: (jobIds) => desk.tellOverrun(jobIds),
    });
    this.#relay = new OutboxRelay(store, senderOf(broker, connection, pieces), {
      source: `/gateway/${name}`,
      logger: silent,
      record: (events) => this.#projection.record(events),
      now: () => world.time.now,
    });
    this.#commit = new GroupCommit(store, { sender: this.#relay });
    const reconciler = new Reconciler({
      store,
      transport: {
        inspect: () => connection.call('inspect', () => ({ ready: broker.ready, deadLettered: 0 })),
      },
      isHeld: (jobId) => desk.isHeld(jobId),
      // No broker of these worlds miscounts.
      isIdle: async () => false,
      jobTypes: [definition.name],
      logger: silent,
      now: () => world.time.now,
      ...soon,
    });
    this.process.run(() => {
      void desk.open(linkSignals(world, broker, connection));
      void this.#projection.start(subscriberOf(connection, pieces));
      this.#relay.start();
      if (world.scenario.kind === 'blank') reconciler.start();
    });
  }

  /** As a request would: resolves once the job is committed. */
  async submit(job: NewJob): Promise<void> {
    await this.process.run(() => this.#commit.accept([job]));
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    await this.process.run(async () => {
      await this.#commit.close();
      await this.#relay.stop();
      await this.#projection.stop();
    });
    this.process.kill();
  }
}

function senderOf(
  broker: Broker,
  connection: Connection,
  pieces: Pieces,
): Pick<Transport, 'send' | 'publish' | 'keeper'> {
  return {
    get keeper() {
      return connection.keeper;
    },
    send: pieces.sending((message, options) =>
      connection.call('send', () => broker.store(message, options?.delayMs)),
    ),
    publish: (topic, body) => connection.call('publish', () => broker.publish({ topic, body })),
  };
}

function subscriberOf(connection: Connection, pieces: Pieces): Pick<Transport, 'subscribe'> {
  return {
    subscribe: async (listener) => {
      connection.subscribe(pieces.listening(listener));
      return { stop: async () => connection.stopListening(), check: async () => {} };
    },
  };
}

import {
  allowanceOf,
  encodeEvent,
  eventTopic,
  type PublishedEvent,
  type PublishOptions,
  Worker,
} from '@heavylift/core';
import type { Broker } from './broker.js';
import { Connection } from './connection.js';
import { handlerOf } from './handler.js';
import { linkSignals } from './hotline-link.js';
import type { Pieces } from './pieces.js';
import { SimConsumption } from './sim-consumption.js';
import { SimProcess } from './sim-process.js';
import { silent } from './silent.js';
import type { World } from './world.js';

/** One life of a worker: the real `Worker`, `Attempt` and `Hotline` on a simulated broker. */
export class WorkerProcess {
  readonly process: SimProcess;
  readonly connection: Connection;
  readonly #worker: Worker;

  constructor(world: World, broker: Broker, name: string, pieces: Pieces) {
    this.process = new SimProcess(name);
    const connection = new Connection(world, broker, this.process);
    this.connection = connection;
    const handler = handlerOf(world);
    const chance = world.chances('worker');
    let ids = 0;
    this.#worker = new Worker(
      {
        ...linkSignals(world, broker, connection),
        consume: async (_tiers, concurrency, process) =>
          new SimConsumption(
            { world, broker, connection },
            allowanceOf(concurrency).concurrency,
            process,
            pieces,
          ),
      },
      {
        workerName: name,
        world: {
          now: () => new Date(world.time.now),
          random: () => chance.next(),
          id: () => `${name}:${++ids}`,
        },
        logger: silent,
        handlerFor: () => handler,
        publish: pieces.telling((event, options) => this.#publish(broker, event, options)),
      },
    );
    this.process.run(() => void this.#worker.start([handler.definition.name], world.scenario.slots));
  }

  get idle(): boolean {
    return this.#worker.running === 0;
  }

  /** As on SIGTERM. */
  async drain(limitMs: number): Promise<void> {
    await this.process.run(() => this.#worker.drain(limitMs));
    this.process.kill();
  }

  #publish(broker: Broker, event: PublishedEvent, options?: PublishOptions): Promise<void> {
    return this.connection.call('publish', () =>
      broker.publish({ topic: eventTopic(event), body: encodeEvent(event) }, options),
    );
  }
}

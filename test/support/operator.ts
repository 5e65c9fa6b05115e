import { queuesOf, type Transport } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { waitUntil } from '@heavylift/test-servers';
import { connect as connectRabbitmq } from 'amqplib';
import { connect as connectNats, nanos } from 'nats';
import type { Broker } from './system.js';

const patience = { timeoutMs: 30_000 };

/** The broker as somebody sees it who has nothing to do with Heavylift. */
export class Operator {
  private constructor(
    private readonly broker: Broker,
    private readonly url: string,
    private readonly transport: Transport,
  ) {}

  static async at(broker: Broker, url: string, jobTypes: readonly string[]): Promise<Operator> {
    const transport = await createTransport(url, 'operator');
    await transport.connect(jobTypes.flatMap(queuesOf));
    return new Operator(broker, url, transport);
  }

  /** A look at the dead letters, by Heavylift's own eyes. */
  get dead(): Pick<Transport, 'deadLetters' | 'inspect'> {
    return this.transport;
  }

  /** Hears every event, live. */
  listen(listener: (body: string) => void): Promise<unknown> {
    return this.transport.subscribe(async (events) => {
      for (const { body } of events) listener(Buffer.from(body).toString());
    });
  }

  /** Puts a message into a queue as a program of another make does. */
  async put(queue: string, body: string): Promise<void> {
    if (this.broker === 'rabbitmq') {
      const connection = await connectRabbitmq(this.url);
      const channel = await connection.createConfirmChannel();
      channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
      await channel.waitForConfirms();
      return connection.close();
    }
    const connection = await this.#nats();
    await connection.jetstream().publish(`heavylift.jobs.${queue}`, body);
    await connection.close();
  }

  /** Makes the broker give up on the one job of a queue that no worker takes: rejects it, or reaches the limit of deliveries. */
  async giveUpOn(queue: string): Promise<void> {
    if (this.broker === 'rabbitmq') return this.#reject(queue);
    const [stream, durable] = ['HEAVYLIFT_JOBS', queue.replaceAll('.', '_')];
    const connection = await this.#nats();
    const manager = await connection.jetstreamManager();
    const limit = (await manager.consumers.info(stream, durable)).config.max_deliver ?? -1;
    await manager.consumers.update(stream, durable, { max_deliver: 1 });
    const body = JSON.stringify({ batch: 1, expires: nanos(1_000) });
    const gone = async (): Promise<boolean> => {
      await connection.request(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, body, {
        noMux: true,
        timeout: 2_000,
      });
      return (await manager.streams.info(stream)).state.messages === 0;
    };
    await waitUntil('given up', gone, patience);
    await manager.consumers.update(stream, durable, { max_deliver: limit });
    await connection.close();
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  async #reject(queue: string): Promise<void> {
    const connection = await connectRabbitmq(this.url);
    const channel = await connection.createChannel();
    const rejected = async (): Promise<boolean> => {
      const message = await channel.get(queue);
      if (message) channel.nack(message, false, false);
      return message !== false;
    };
    await waitUntil('rejected', rejected, patience);
    await channel.close();
    await connection.close();
  }

  #nats(): ReturnType<typeof connectNats> {
    return connectNats({ servers: new URL(this.url).host });
  }
}

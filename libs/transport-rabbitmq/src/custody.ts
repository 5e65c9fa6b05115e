import { randomUUID } from 'node:crypto';
import { type JobMessage, within } from '@heavylift/core';
import type { Channel, ConsumeMessage } from 'amqplib';
import { brokerError } from './broker-error.js';
import type { Connection } from './connection.js';
import { declareQueue } from './declarations.js';
import { ChannelLife, Grip } from './grip.js';
import type { JobRoutes } from './job-routes.js';
import { openChannel } from './opened-channel.js';
import { atMost } from './at-most.js';
import { type Opened, Reopening } from './reopening.js';
import { custodyQueue, type QueueDeclaration } from './topology.js';

const waitForChannelMs = 10_000;
const startsWithinMs = 2_000;
const arrivesWithinMs = 5_000;
const deletesWithinMs = 1_000;
/** More than ever lies in one custody: unlimited would mean a broker's default. */
const prefetch = 65_535;

/**
 * One consumption's own queue, through which it delivers the jobs in its hands to itself again: the broker closes a channel whose
 * oldest delivery is older than its `consumer_timeout`, so the deliveries must be young. Declared when it is first needed.
 */
export class Custody {
  readonly #tag: string;
  readonly #connection: Connection;
  readonly #routes: JobRoutes;
  readonly #queue: QueueDeclaration;
  readonly #channel: Reopening<Channel>;
  readonly #expected = new Map<string, (copy: Grip) => void>();
  #openings = 0;

  constructor(clientName: string, connection: Connection, routes: JobRoutes) {
    this.#tag = `${clientName}:custody`;
    this.#connection = connection;
    this.#routes = routes;
    // A name of its own each: what comes on the queue must be this consumption's.
    this.#queue = custodyQueue(`${clientName}.${randomUUID().slice(0, 8)}`);
    this.#channel = new Reopening(`channel on queue "${this.#queue.name}"`, (stopping) =>
      this.#open(stopping),
    );
  }

  /**
   * A younger delivery of a job that is in hand; the older one must be held until then.
   * @throws {TransportError} when there is none in time
   */
  async renew(message: JobMessage): Promise<Grip> {
    await this.#channel.start().get(startsWithinMs);
    const token = randomUUID();
    let copy: Grip | undefined;
    const arrival = new Promise<Grip>((resolve) =>
      this.#expected.set(token, (arrived) => resolve((copy = arrived))),
    );
    try {
      await this.#routes.entrust(message, this.#queue.name, token);
      return await within(arrival, arrivesWithinMs, () => this.#late());
    } catch (error) {
      copy?.ack();
      throw error;
    } finally {
      this.#expected.delete(token);
    }
  }

  /** No job must be in hand. */
  async close(): Promise<void> {
    const channel = this.#channel.current;
    // After a loss the queue may still be about to hand on what was in hand: then it is left to go by itself.
    if (channel && this.#openings === 1) await atMost(deletesWithinMs, this.#delete(channel));
    await this.#channel.close();
  }

  /** The consumer first: told by the broker that its queue is gone, it would have it declared again. */
  async #delete(channel: Channel): Promise<void> {
    await channel.cancel(this.#tag);
    await channel.deleteQueue(this.#queue.name);
  }

  async #open(stopping: AbortSignal): Promise<Opened<Channel>> {
    const model = await this.#connection.get(waitForChannelMs, stopping);
    const opened = await openChannel(() => model.createChannel());
    this.#openings++;
    const life = new ChannelLife(opened.value);
    const receive = (received: ConsumeMessage | null): void => {
      if (received) this.#receive(received, life);
      // The broker has cancelled the consumer: the queue is gone.
      else void opened.close();
    };
    await declareQueue(opened.value, this.#queue);
    await opened.value.prefetch(prefetch);
    await opened.value.consume(this.#queue.name, receive, { consumerTag: this.#tag });
    return { ...opened, close: () => (life.flush(), opened.close()) };
  }

  #receive(received: ConsumeMessage, life: ChannelLife): void {
    const copy = new Grip(received, life);
    const expected = this.#expected.get(String(received.properties.correlationId));
    if (expected) expected(copy);
    // It was in hand when the channel ended, and the job is lost to us: to its work queue with it.
    else if (received.fields.redelivered) copy.reject();
    // Nobody waits for it any more: the job was, or is, held by another delivery.
    else copy.ack();
  }

  #late(): Error {
    return brokerError(
      'broker.timeout',
      `a copy did not come back from queue "${this.#queue.name}" within ${arrivesWithinMs} ms`,
    );
  }
}

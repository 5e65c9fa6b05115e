import type { JobMessage } from '@heavylift/core';
import type { Options } from 'amqplib';
import { brokerError } from './broker-error.js';
import type { Declarations } from './declarations.js';
import { type Hop, planHop } from './delays.js';
import { encodeDeadLetter, encodeJob } from './message-codec.js';
import type { Publisher } from './publisher.js';
import { delayQueue, exchanges } from './topology.js';

/** The ways a job can go: to its work queue, through delay queues, to its dead-letter queue. Each is confirmed and routable. */
export class JobRoutes {
  readonly #publisher: Publisher;
  readonly #declarations: Declarations;

  constructor(publisher: Publisher, declarations: Declarations) {
    this.#publisher = publisher;
    this.#declarations = declarations;
  }

  send(message: JobMessage, delayMs = 0): Promise<void> {
    const hop = planHop(delayMs);
    if (hop) return this.#delay(message, hop, new Date(Date.now() + delayMs));
    return this.#publish(exchanges.jobs, message, encodeJob(message));
  }

  deadLetter(message: JobMessage, reason: string, detail?: string): Promise<void> {
    return this.#publish(exchanges.dead, message, encodeDeadLetter(message, reason, detail, new Date()));
  }

  async #delay(message: JobMessage, hop: Hop, due: Date): Promise<void> {
    // The delay queue hands on by routing key, long after this call: nobody would hear that there is no such queue.
    if (!this.#declarations.has(message.queue))
      throw brokerError(
        'broker.unroutable',
        `queue "${message.queue}" is not declared; name it in connect()`,
      );
    const queue = delayQueue(hop.step);
    if (!this.#declarations.has(queue.name)) {
      this.#declarations.add(queue);
      await this.#publisher.ready();
    }
    // The routing key must stay the work queue's name for the way back, so a blind copy names the delay queue.
    const properties = { ...encodeJob(message, hop.more ? due : undefined), BCC: [queue.binding.key] };
    await this.#publish(exchanges.retry, message, properties);
  }

  #publish(exchange: string, message: JobMessage, properties: Options.Publish): Promise<void> {
    return this.#publisher.publish({
      exchange,
      routingKey: message.queue,
      body: message.body,
      properties: { ...properties, mandatory: true },
    });
  }
}

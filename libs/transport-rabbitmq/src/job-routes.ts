import type { JobMessage } from '@heavylift/core';
import type { Options } from 'amqplib';
import { brokerError } from './broker-error.js';
import type { Declarations } from './declarations.js';
import { type Hop, planHop } from './delays.js';
import { encodeDeadLetter, encodeJob } from './message-codec.js';
import type { Publisher } from './publisher.js';
import { delayQueue, exchanges } from './topology.js';

/** The ways a job can go: to its work queue, through delay queues, to a custody queue, to its dead-letter queue. Each is confirmed and routable. */
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
    const properties = encodeDeadLetter(message, reason, detail, new Date());
    return this.#publish(
      exchanges.dead,
      message,
      properties,
      this.#declarations.deadLettersOf(message.queue),
    );
  }

  /** A copy to a custody queue, marked with `token`: whoever gets it from there, must suspect that a run was under way. */
  entrust(message: JobMessage, custodyQueue: string, token: string): Promise<void> {
    const copy = encodeJob({ ...message, suspected: message.suspected + 1 });
    const properties = { ...copy, ...hiddenTo(custodyQueue), correlationId: token };
    return this.#publish(exchanges.custody, message, properties);
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
    const properties = {
      ...encodeJob(message, hop.more ? due : undefined),
      ...hiddenTo(hop.step.name),
    };
    await this.#publish(exchanges.retry, message, properties);
  }

  #publish(
    exchange: string,
    message: JobMessage,
    properties: Options.Publish,
    routingKey = message.queue,
  ): Promise<void> {
    return this.#publisher.publish({
      exchange,
      routingKey,
      body: message.body,
      properties: { ...properties, mandatory: true },
    });
  }
}

/** The routing key must stay the work queue's name for the way back, so a blind copy names the queue in between. */
function hiddenTo(key: string): Options.Publish {
  return { BCC: [key] };
}

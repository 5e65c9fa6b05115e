import type { QueueSpec } from '@heavylift/core';
import type { Channel, ChannelModel } from 'amqplib';
import { brokerError } from './broker-error.js';
import { openChannel } from './opened-channel.js';
import { deadQueue, exchangeTypes, noticesQueue, type QueueDeclaration, workQueue } from './topology.js';

/** Declares what is missing in the broker, once per connection: a broker that lost its disk gets all of it again. */
export class Declarations {
  readonly #wanted = new Map<string, QueueDeclaration>();
  readonly #deadLetters = new Map<string, string>();
  readonly #done = new WeakMap<ChannelModel, Set<string>>();

  addJobQueue({ name, deadLetters = name }: QueueSpec): void {
    this.#deadLetters.set(name, deadLetters);
    for (const queue of this.jobQueue(name)) this.add(queue);
  }

  /** The queue under whose name the dead letters of a job queue are kept. */
  deadLettersOf(queue: string): string {
    return this.#deadLetters.get(queue) ?? queue;
  }

  /** A job queue, and those for its dead letters. */
  jobQueue(queue: string): readonly QueueDeclaration[] {
    const deadLetters = this.deadLettersOf(queue);
    return [workQueue(queue, deadLetters), deadQueue(deadLetters), noticesQueue(deadLetters)];
  }

  add(queue: QueueDeclaration): void {
    this.#wanted.set(keyOf(queue), queue);
  }

  has(queueName: string): boolean {
    return [...this.#wanted.values()].some(({ name }) => name === queueName);
  }

  /**
   * Declares what was added and is not yet declared on this connection.
   * @throws {TransportError} `broker.refused`, when one exists with other arguments
   */
  async ensure(model: ChannelModel): Promise<void> {
    const done = this.#done.get(model);
    const missing = [...this.#wanted].filter(([key]) => !done?.has(key));
    if (done && missing.length === 0) return;
    // On a channel of its own: a refusal ends the channel, and all that is in flight on it.
    const opened = await openChannel(() => model.createChannel());
    try {
      if (!done) await declareExchanges(opened.value);
      for (const [, queue] of missing) await declareQueue(opened.value, queue);
    } finally {
      await opened.close();
    }
    this.#done.set(model, new Set([...(this.#done.get(model) ?? []), ...missing.map(([key]) => key)]));
  }
}

/** A queue may be bound more than once. */
function keyOf({ name, binding }: QueueDeclaration): string {
  return [name, ...binding.keys].join(' ');
}

async function declareExchanges(channel: Channel): Promise<void> {
  for (const [name, type] of Object.entries(exchangeTypes)) {
    await channel.assertExchange(name, type, { durable: true }).catch((error: unknown) => {
      throw brokerError('broker.refused', `exchange "${name}" could not be declared`, error);
    });
  }
}

export async function declareQueue(channel: Channel, queue: QueueDeclaration): Promise<void> {
  const { name, durable, exclusive = false } = queue;
  try {
    const options = { durable, exclusive, autoDelete: exclusive, arguments: queue.arguments };
    await channel.assertQueue(name, options);
    const { exchange, keys, former = [] } = queue.binding;
    await Promise.all(keys.map((key) => channel.bindQueue(name, exchange, key)));
    // Only then: what comes meanwhile must find its way.
    await Promise.all(former.map((key) => channel.unbindQueue(name, exchange, key)));
  } catch (error) {
    throw brokerError('broker.refused', `queue "${name}" could not be declared`, error);
  }
}

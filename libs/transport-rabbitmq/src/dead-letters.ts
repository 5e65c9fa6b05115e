import { type DeadLetter, pause } from '@heavylift/core';
import type { Channel, ConsumeMessage } from 'amqplib';
import { brokerError } from './broker-error.js';
import type { Connection } from './connection.js';
import { decodeDeadLetter } from './message-codec.js';
import { deadQueueName } from './topology.js';

const walkTimeoutMs = 60_000;
const askTimeoutMs = 5_000;
/** No letter comes for so long: others have in hand what was counted. */
const quietMs = 3_000;
/** The most that AMQP lets a consumer hold: what lies behind so many is seen only once those in front have gone. */
const mostHeld = 65_535;
const backWithinMs = 1_000;
const backPollMs = 10;

interface Walk {
  /** At most so many, the oldest first. */
  readonly most: number;
  /** Whether the letter stays. */
  readonly stays: (letter: ConsumeMessage) => boolean;
}

/**
 * Looks into dead-letter queues, and takes from them. What is looked at is held, and comes back to its place when the channel closes, be it because this
 * process dies: RabbitMQ then puts all that a channel held back in its order, whereas what a client hands back itself it mixes up (seen with 3.10).
 */
export class DeadLetters {
  readonly #connection: Connection;
  /** By dead-letter queue: how many there are while a walk holds them, and the broker does not count them. */
  readonly #held = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async list(queue: string, limit: number): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    const stays = (received: ConsumeMessage): boolean => letters.push(decodeDeadLetter(received, queue)) > 0;
    await this.#inTurn(deadQueueName(queue), { most: limit, stays });
    return letters;
  }

  /** Nothing of a letter is kept here, so that a hundred thousand need no memory. */
  discard(queue: string, upTo: ReadonlyMap<string, number>): Promise<number> {
    if (upTo.size === 0) return Promise.resolve(0);
    const stays = (received: ConsumeMessage): boolean => {
      const { id, attempt } = decodeDeadLetter(received, queue).message;
      return attempt > (upTo.get(id) ?? 0);
    };
    return this.#inTurn(deadQueueName(queue), { most: Infinity, stays });
  }

  async count(channel: Channel, queue: string): Promise<number> {
    const dead = deadQueueName(queue);
    const before = this.#held.get(dead);
    const { messageCount } = await channel.checkQueue(dead);
    return before ?? this.#held.get(dead) ?? messageCount;
  }

  /** One walk at a time: what one holds, another would not see. */
  #inTurn(dead: string, walk: Walk): Promise<number> {
    const result = this.#turn.then(() => this.#walk(dead, walk)).finally(() => this.#held.delete(dead));
    this.#turn = result.catch((error: unknown) => error);
    return result;
  }

  /** Says how many it took away. */
  async #walk(dead: string, { most, stays }: Walk): Promise<number> {
    let taken = 0;
    const there = await this.#connection.withChannel(walkTimeoutMs, async (channel) => {
      const { messageCount } = await channel.checkQueue(dead);
      this.#held.set(dead, messageCount);
      await receive(channel, dead, Math.min(messageCount, most), (received) => {
        if (stays(received)) return;
        channel.ack(received);
        this.#held.set(dead, messageCount - ++taken);
      });
      return messageCount;
    });
    if (there > 0) await this.#areBack(dead, there - taken);
    return taken;
  }

  /** The broker says that a channel is closed before what it held is back. */
  async #areBack(dead: string, count: number): Promise<void> {
    const deadline = performance.now() + backWithinMs;
    await this.#connection.withChannel(askTimeoutMs, async (channel) => {
      while ((await channel.checkQueue(dead)).messageCount < count && performance.now() < deadline)
        await pause(backPollMs);
    });
  }
}

/** Hands `each` the first `count` letters, or as many as come. They stay held by the channel. */
async function receive(
  channel: Channel,
  dead: string,
  count: number,
  each: (received: ConsumeMessage) => void,
): Promise<void> {
  if (count <= 0) return;
  await channel.prefetch(Math.min(count, mostHeld));
  let seen = 0;
  let quiet: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    channel.once('close', () => reject(brokerError('broker.unreachable', 'the channel has ended')));
    quiet = setTimeout(resolve, quietMs);
    const take = (received: ConsumeMessage | null): void => {
      if (!received || seen >= count) return resolve();
      each(received);
      quiet?.refresh();
      if (++seen >= count) resolve();
    };
    channel.consume(dead, take).catch(reject);
  }).finally(() => clearTimeout(quiet));
}

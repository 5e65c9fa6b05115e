import { type DeadLetter, nextAttempt } from '@heavylift/core';
import type { Channel, GetMessage } from 'amqplib';
import type { Connection } from './connection.js';
import type { JobRoutes } from './job-routes.js';
import { decodeDeadLetter, idOf } from './message-codec.js';
import { pause } from './pause.js';
import { deadQueueName } from './topology.js';

const timeoutMs = 30_000;
const putBackWithinMs = 1_000;
const putBackPollMs = 10;

/** Looks into dead-letter queues, and takes from them. One at a time: what one look holds, another would not see. */
export class DeadLetters {
  readonly #connection: Connection;
  readonly #routes: JobRoutes;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, routes: JobRoutes) {
    this.#connection = connection;
    this.#routes = routes;
  }

  /** The oldest ones. They are held for the moment of looking, and put back in their places. */
  list(queue: string, limit: number): Promise<DeadLetter[]> {
    return this.#inTurn(queue, async (channel) => {
      const found = await take(channel, deadQueueName(queue), limit);
      await putBack(channel, deadQueueName(queue), found);
      return found.map((received) => decodeDeadLetter(received, queue));
    });
  }

  /** Sends each with one of these ids to the work queue that it came from. A crash in between leaves a job in both places, never in none. */
  redrive(queue: string, ids: readonly string[]): Promise<number> {
    const wanted = new Set(ids);
    return this.#inTurn(queue, async (channel) => {
      const found = await take(channel, deadQueueName(queue), Number.POSITIVE_INFINITY);
      const chosen = found.filter((received) => wanted.has(idOf(received)));
      const sent = await Promise.allSettled(
        chosen.map((received) => this.#sendAgain(channel, queue, received)),
      );
      await putBack(
        channel,
        deadQueueName(queue),
        found.filter((received) => !chosen.includes(received)),
      );
      const failed = sent.find((outcome) => outcome.status === 'rejected');
      if (failed) throw failed.reason;
      return chosen.length;
    });
  }

  async #sendAgain(channel: Channel, queue: string, received: GetMessage): Promise<void> {
    await this.#routes.send(nextAttempt(decodeDeadLetter(received, queue).message));
    channel.ack(received);
  }

  #inTurn<T>(queue: string, work: (channel: Channel) => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => this.#connection.withChannel(timeoutMs, work));
    this.#turn = result.catch((error: unknown) => error);
    return result;
  }
}

async function take(channel: Channel, queue: string, limit: number): Promise<GetMessage[]> {
  const found: GetMessage[] = [];
  while (found.length < limit) {
    const received = await channel.get(queue);
    if (!received) break;
    found.push(received);
  }
  return found;
}

/** Back to their places, and there when this resolves: the broker answers before it has done so. */
async function putBack(channel: Channel, queue: string, messages: readonly GetMessage[]): Promise<void> {
  if (messages.length === 0) return;
  for (const message of messages) channel.nack(message, false, true);
  const deadline = performance.now() + putBackWithinMs;
  while ((await channel.checkQueue(queue)).messageCount < messages.length && performance.now() < deadline) {
    await pause(putBackPollMs);
  }
}

import { within } from '@heavylift/core';
import type { Channel } from 'amqplib';
import { brokerError } from './broker-error.js';

/** So that a readiness probe still has its answer within five seconds. */
const answersWithinMs = 3_000;

/**
 * How many consumers a queue has, asked on the channel on which its messages come: what was sent on it before is done by then.
 * @throws {TransportError} when the queue is gone, the channel ends, or there is no answer within 3 s
 */
export async function consumersOf(queue: string, channel: Channel, ended: Promise<Error>): Promise<number> {
  const late = (): Error => brokerError('broker.timeout', `queue "${queue}" does not answer`);
  try {
    // When the channel ends amid an answer, amqplib leaves the question open for ever.
    const answer = await within(Promise.race([channel.checkQueue(queue), ended]), answersWithinMs, late);
    if (answer instanceof Error) throw answer;
    return answer.consumerCount;
  } catch (error) {
    throw brokerError('broker.refused', `nothing comes from queue "${queue}" now`, error);
  }
}

import type { ConsumeMessage, Message } from 'amqplib';
import { cancel, type Stint } from './feed.js';
import { Filling } from './filling.js';

export interface Batch {
  readonly queue: string;
  /** Names its consumer: one that no other has on the channel. */
  readonly tag: string;
  readonly count: number;
}

/**
 * Takes jobs that wait: a quorum queue agrees on each single question as on a whole batch, and fsyncs it. By a consumer whose window is the batch: full, it can be
 * cancelled safely ({@link SingleShotFeed} tells why). Nothing comes once it has resolved, and only then may what came be settled.
 *
 * Measured with `npm run bench -- transport` and `tracked`.
 * @throws {Error} when the channel ends meanwhile
 */
export async function takeBatch(
  stint: Stint,
  batch: Batch,
  take: (received: Message) => void,
): Promise<void> {
  const filling = new Filling();
  filling.expect(batch.count);
  const receive = (received: ConsumeMessage | null): void => {
    // The broker has cancelled the consumer: its queue is gone, or a time limit was hit.
    if (!received) return void stint.renew();
    take(received);
    filling.arrived();
  };
  // Both at once: a prefetch from elsewhere must not come in between.
  const consuming = Promise.all([
    stint.channel.prefetch(batch.count),
    stint.channel.consume(batch.queue, receive, { consumerTag: batch.tag }),
  ]);
  await stint.orEnd(consuming.then(() => filling.done()));
  await cancel(stint, batch.tag);
}

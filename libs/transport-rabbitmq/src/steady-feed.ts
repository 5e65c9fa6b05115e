import type { ConsumeMessage } from 'amqplib';
import type { Feed, Stint, Watch } from './feed.js';

interface Open {
  readonly stint: Stint;
  readonly tags: string[];
  /** The sum of its consumers' prefetch. */
  window: number;
}

/**
 * For a consumption of one queue: the broker's window is its number of slots, and it is watched from start to end.
 *
 * A job that comes in the very moment of the cancel is counted as delivered by the broker, although nobody saw it: once in a
 * worker's life that is borne, and why {@link SingleShotFeed} exists.
 */
export class SteadyFeed implements Feed {
  readonly #queue: string;
  readonly #tag: string;
  #watch: Watch | undefined;
  #open: Open | undefined;

  constructor(queue: string, tag: string) {
    this.#queue = queue;
    this.#tag = tag;
  }

  want(watch: Watch): void {
    this.#watch = watch;
  }

  /** The prefetch of a consumer never changes: room that strays leave is filled by one more consumer. */
  async consume(stint: Stint, strays: number): Promise<void> {
    const watch = this.#watch;
    if (!watch) return;
    if (this.#open?.stint !== stint) this.#open = { stint, tags: [], window: 0 };
    const open = this.#open;
    const missing = watch.max - open.window - strays;
    if (missing <= 0) return;
    open.window += missing;
    const consumerTag = open.tags.length === 0 ? this.#tag : `${this.#tag}#${open.tags.length + 1}`;
    open.tags.push(consumerTag);
    const receive = (received: ConsumeMessage | null): void => {
      // The broker has cancelled the consumer: its queue is gone, or a time limit was hit.
      if (!received) void stint.renew();
      else watch.arrived(stint.hold(received));
    };
    // Both at once: a prefetch from elsewhere must not come in between.
    await Promise.all([
      stint.channel.prefetch(missing),
      stint.channel.consume(this.#queue, receive, { consumerTag }),
    ]);
  }

  async rest(stint: Stint | undefined): Promise<void> {
    this.#watch = undefined;
    const open = this.#open;
    this.#open = undefined;
    if (!stint || open?.stint !== stint) return;
    const cancelled = await Promise.allSettled(open.tags.map((tag) => stint.channel.cancel(tag)));
    // A consumer that could not be cancelled ends with its channel.
    if (cancelled.some(({ status }) => status === 'rejected')) await stint.renew();
  }

  end(stint: Stint | undefined): Promise<void> {
    return this.rest(stint);
  }
}

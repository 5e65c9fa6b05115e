import type { ConsumeMessage } from 'amqplib';
import { cancel, type Feed, type Stint, type Watch } from './feed.js';
import type { Room } from './held.js';

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
  #stint: Stint | undefined;
  /** All that were opened on the present channel. */
  #consumers: Consumer[] = [];

  constructor(queue: string, tag: string) {
    this.#queue = queue;
    this.#tag = tag;
  }

  want(watch: Watch): void {
    this.#watch = watch;
  }

  /** The prefetch of a consumer never changes: room that falls free outside is filled by one more consumer. */
  async consume(stint: Stint, outside: number): Promise<void> {
    const watch = this.#watch;
    if (!watch) return;
    if (this.#stint !== stint) this.#consumers = [];
    this.#stint = stint;
    const missing = watch.max - this.#window - outside;
    if (missing <= 0) return;
    const consumer = this.#add(stint, missing);
    const receive = (received: ConsumeMessage | null): void => {
      // The broker has cancelled the consumer: its queue is gone, or a time limit was hit.
      if (!received) void stint.renew();
      else watch.arrived(stint.hold(received, consumer));
    };
    // Both at once: a prefetch from elsewhere must not come in between.
    await Promise.all([
      stint.channel.prefetch(missing),
      stint.channel.consume(this.#queue, receive, { consumerTag: consumer.tag }),
    ]);
    consumer.confirm();
  }

  async rest(stint: Stint | undefined): Promise<void> {
    this.#watch = undefined;
    if (stint && stint === this.#stint)
      await Promise.all(this.#consumers.map((consumer) => consumer.giveUp()));
  }

  end(stint: Stint | undefined): Promise<void> {
    return this.rest(stint);
  }

  get consumer(): string | undefined {
    return this.#watch && this.#consumers.find(({ consuming }) => consuming)?.tag;
  }

  get #window(): number {
    return this.#consumers.reduce((sum, { givenUp, prefetch }) => sum + (givenUp ? 0 : prefetch), 0);
  }

  #add(stint: Stint, prefetch: number): Consumer {
    const count = this.#consumers.length + 1;
    const consumer = new Consumer(stint, count === 1 ? this.#tag : `${this.#tag}#${count}`, prefetch);
    this.#consumers.push(consumer);
    return consumer;
  }
}

/** A consumer is given up as a whole: the others that it has brought are counted outside from then on, too. */
class Consumer implements Room {
  readonly settleable = undefined;
  readonly tag: string;
  readonly prefetch: number;
  readonly #stint: Stint;
  #confirmed = false;
  #ending: Promise<void> | undefined;
  #givenUp = false;

  constructor(stint: Stint, tag: string, prefetch: number) {
    this.#stint = stint;
    this.tag = tag;
    this.prefetch = prefetch;
  }

  get givenUp(): boolean {
    return this.#givenUp;
  }

  get consuming(): boolean {
    return this.#confirmed && !this.#ending;
  }

  /** The broker knows it now. */
  confirm(): void {
    this.#confirmed = true;
  }

  settled(): void {
    // Counted by the broker alone.
  }

  giveUp(): Promise<void> {
    this.#ending ??= cancel(this.#stint, this.tag).then(() => {
      this.#givenUp = true;
    });
    return this.#ending;
  }
}

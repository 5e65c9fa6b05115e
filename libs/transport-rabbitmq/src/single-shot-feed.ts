import type { ConsumeMessage } from 'amqplib';
import { cancel, type Feed, type Stint, type Watch } from './feed.js';
import type { Room } from './held.js';

interface Consuming {
  readonly stint: Stint;
  readonly consumerTag: string;
  state: 'asked' | 'confirmed' | 'ending';
}

/**
 * For a consumption of several queues, which are watched by turns.
 *
 * To cancel a consumer that waits is not safe: a quorum queue counts a job that comes in that moment as delivered, although nobody saw
 * it, and suspects a run of it. A consumer whose window is full can be cancelled safely. So each consumer takes a single job and is
 * cancelled then, before the job may be settled; and one that waits while its queue rests is left to wait: what it brings has
 * no slot and is given back, at most one job each time.
 */
export class SingleShotFeed implements Feed {
  readonly #queue: string;
  readonly #tag: string;
  #watch: Watch | undefined;
  #resting = true;
  #consuming: Consuming | undefined;
  #count = 0;

  constructor(queue: string, tag: string) {
    this.#queue = queue;
    this.#tag = tag;
  }

  want(watch: Watch): void {
    this.#watch = watch;
    this.#resting = false;
  }

  async consume(stint: Stint): Promise<void> {
    const watch = this.#watch;
    if (!watch || this.#resting || this.#consuming?.stint === stint) return;
    // A tag of its own each: under one tag, the broker would count the jobs of earlier consumers into the window.
    const consumerTag = this.#count++ === 0 ? this.#tag : `${this.#tag}#${this.#count}`;
    const consuming: Consuming = { stint, consumerTag, state: 'asked' };
    this.#consuming = consuming;
    const receive = (received: ConsumeMessage | null): void => {
      // The broker has cancelled the consumer: its queue is gone, or a time limit was hit.
      if (!received) void stint.renew();
      else watch.arrived(stint.hold(received, this.#room(stint)));
    };
    await Promise.all([
      stint.channel.prefetch(1),
      stint.channel.consume(this.#queue, receive, { consumerTag }),
    ]);
    // Its job may have come already.
    if (consuming.state === 'asked') consuming.state = 'confirmed';
  }

  get consumer(): string | undefined {
    return this.#consuming?.state === 'confirmed' ? this.#consuming.consumerTag : undefined;
  }

  rest(): Promise<void> {
    this.#resting = true;
    return Promise.resolve();
  }

  async end(stint: Stint | undefined): Promise<void> {
    this.#resting = true;
    if (stint) await this.#cancel(stint);
  }

  #room(stint: Stint): Room {
    const next = this.#next(stint);
    const room = {
      settleable: next as Promise<void> | undefined,
      giveUp: () => next,
      givenUp: false,
      settled: () => {},
    };
    void next.then(() => (room.settleable = undefined));
    return room;
  }

  /** Ends the consumer that has brought its job; another follows if more are wanted. */
  async #next(stint: Stint): Promise<void> {
    await this.#cancel(stint);
    this.consume(stint).catch(() => stint.renew());
  }

  async #cancel(stint: Stint): Promise<void> {
    const consuming = this.#consuming;
    if (consuming?.stint !== stint) return;
    consuming.state = 'ending';
    await cancel(stint, consuming.consumerTag);
    if (this.#consuming === consuming) this.#consuming = undefined;
  }
}

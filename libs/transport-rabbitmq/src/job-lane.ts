import type { Consumption, Delivery, JobMessage } from '@heavylift/core';
import type { Channel, ConsumeMessage, Message } from 'amqplib';
import type { Connection } from './connection.js';
import { type Declarations, declareQueue } from './declarations.js';
import { decodeJob } from './message-codec.js';
import { openChannel } from './opened-channel.js';
import { type Opened, Reopening } from './reopening.js';
import { deadQueue, workQueue } from './topology.js';

/** A delivery in hand, and the channel it came on: only there can it be settled. */
export interface Held {
  readonly received: Message;
  readonly delivery: Delivery;
  readonly queue: string;
  /** False once the channel has ended: the broker gives, or has given, the job to another. */
  isOurs(): boolean;
  /** Settles it; without effect once it is no longer ours. */
  ack(): void;
  /** Back to its place on the queue; RabbitMQ before 4.3 counts that as an attempt. */
  requeue(): void;
  /** To be called when it is no longer in hand. */
  done(): void;
}

interface Watch {
  readonly max: number;
  readonly arrived: (received: Held) => void;
}

/** One channel, from its opening to its end. */
interface Stint {
  readonly channel: Channel;
  readonly ended: Promise<Error>;
  readonly tags: string[];
  /** The sum of its consumers' prefetch. */
  window: number;
  over: boolean;
  /** Gives it up, with all it holds; the next one follows. */
  renew(): Promise<void>;
}

const waitForChannelMs = 10_000;
/** Shorter: the end of a consumption waits for it. */
const takeWaitsMs = 1_000;

/** One queue, as one consumption sees it: over all channels it has in turn, at most one open at a time. */
export class JobLane {
  readonly #queue: string;
  readonly #tag: string;
  readonly #connection: Connection;
  readonly #stints: Reopening<Stint>;
  readonly #inHand = new Map<Held, { readonly stint: Stint; readonly lost: AbortController }>();
  #watch: Watch | undefined;

  /** `tag` names the consumer for operators. */
  constructor(queue: string, tag: string, connection: Connection) {
    this.#queue = queue;
    this.#tag = tag;
    this.#connection = connection;
    this.#stints = new Reopening(`channel on queue "${queue}"`, (stopping) => this.#open(stopping)).start();
  }

  /** Why nothing can be received now. */
  get failure(): Error | undefined {
    return this.#stints.failure;
  }

  /** Up to `max` jobs that wait now. */
  async take(max: number): Promise<readonly Held[]> {
    const stint = await this.#stints.get(takeWaitsMs);
    const taken: Held[] = [];
    try {
      while (taken.length < max) {
        // When the channel ends amid an answer, amqplib leaves the question open for ever.
        const received = await Promise.race([stint.channel.get(this.#queue), stint.ended]);
        if (received instanceof Error) throw received;
        if (!received) break;
        taken.push(this.#hold(received, stint));
      }
      return taken;
    } catch (error) {
      // What was taken goes back with the channel.
      for (const held of taken) held.done();
      await stint.renew();
      throw error;
    }
  }

  /** Receives jobs as they come until stopped, on each channel anew. Resolves once the present channel, if any, receives. */
  async watch(max: number, arrived: (held: Held) => void): Promise<Consumption> {
    this.#watch = { max, arrived };
    const stint = this.#stints.current;
    if (stint) await this.#widen(stint);
    return { stop: () => this.#unwatch() };
  }

  /** Closes the channel; all in hand should be settled. */
  close(): Promise<void> {
    return this.#stints.close();
  }

  async #open(stopping: AbortSignal): Promise<Opened<Stint>> {
    const model = await this.#connection.get(waitForChannelMs, stopping);
    const opened = await openChannel(() => model.createChannel());
    const renew = (): Promise<void> => {
      this.#lose(stint);
      return opened.close();
    };
    const stint: Stint = {
      channel: opened.value,
      ended: opened.ended,
      tags: [],
      window: 0,
      over: false,
      renew,
    };
    opened.value.once('close', () => this.#lose(stint));
    for (const queue of [workQueue(this.#queue), deadQueue(this.#queue)])
      await declareQueue(stint.channel, queue);
    await this.#consume(stint);
    return { ...opened, value: stint };
  }

  /**
   * Receives as many as may be in hand. What a lost channel brought may still run here, for its broker no longer ours, and takes
   * its slot until it ends; then one more consumer adds the difference, for the prefetch of a consumer never changes.
   */
  async #consume(stint: Stint): Promise<void> {
    const watch = this.#watch;
    const missing = watch ? watch.max - stint.window - this.#strays() : 0;
    if (!watch || missing <= 0) return;
    stint.window += missing;
    const consumerTag = stint.tags.length === 0 ? this.#tag : `${this.#tag}#${stint.tags.length + 1}`;
    stint.tags.push(consumerTag);
    // Both at once: a prefetch from elsewhere must not come in between.
    const opened = [
      stint.channel.prefetch(missing),
      stint.channel.consume(this.#queue, (received) => this.#receive(received, stint, watch), {
        consumerTag,
      }),
    ];
    await Promise.all(opened);
  }

  async #widen(stint: Stint): Promise<void> {
    try {
      await this.#consume(stint);
    } catch {
      // The channel has ended, or is of no use: the next one consumes from the start, and `failure` tells why it does not open.
      await stint.renew();
    }
  }

  async #unwatch(): Promise<void> {
    this.#watch = undefined;
    const stint = this.#stints.current;
    if (!stint) return;
    const tags = stint.tags.splice(0);
    stint.window = 0;
    const cancelled = await Promise.allSettled(tags.map((tag) => stint.channel.cancel(tag)));
    // A consumer that could not be cancelled ends with its channel.
    if (cancelled.some(({ status }) => status === 'rejected')) await stint.renew();
  }

  #receive(received: ConsumeMessage | null, stint: Stint, watch: Watch): void {
    // The broker has cancelled the consumer: its queue is gone, or a time limit was hit.
    if (!received) void stint.renew();
    else watch.arrived(this.#hold(received, stint));
  }

  #hold(received: Message, stint: Stint): Held {
    const lost = new AbortController();
    const message: JobMessage = decodeJob(received, this.#queue);
    const held: Held = {
      received,
      queue: this.#queue,
      delivery: { message, lost: lost.signal },
      isOurs: () => !stint.over,
      ack: () => this.#settle(stint, () => stint.channel.ack(received)),
      requeue: () => this.#settle(stint, () => stint.channel.nack(received, false, true)),
      done: () => this.#letGo(held),
    };
    this.#inHand.set(held, { stint, lost });
    if (stint.over) lost.abort();
    return held;
  }

  #letGo(held: Held): void {
    this.#inHand.delete(held);
    const current = this.#stints.current;
    if (!held.isOurs() && current) void this.#widen(current);
  }

  #strays(): number {
    return [...this.#inHand.values()].filter(({ stint }) => stint.over).length;
  }

  #lose(ended: Stint): void {
    ended.over = true;
    for (const { stint, lost } of this.#inHand.values()) if (stint === ended) lost.abort();
  }

  #settle(stint: Stint, how: () => void): void {
    if (stint.over) return;
    try {
      how();
    } catch {
      // The channel is closing: what it brought is no longer ours, and comes again.
      this.#lose(stint);
    }
  }
}

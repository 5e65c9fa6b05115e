import type { Consumption } from '@heavylift/core';
import type { Message } from 'amqplib';
import type { Connection } from './connection.js';
import { declareQueue } from './declarations.js';
import type { Feed, Held, Stint } from './feed.js';
import { decodeJob } from './message-codec.js';
import { openChannel } from './opened-channel.js';
import { type Opened, Reopening } from './reopening.js';
import { deadQueue, workQueue } from './topology.js';

const waitForChannelMs = 10_000;
/** Shorter: the end of a consumption waits for it. */
const takeWaitsMs = 1_000;

interface Life {
  over: boolean;
}

/** One queue, as one consumption sees it: over all channels it has in turn, at most one open at a time. */
export class JobLane {
  readonly #queue: string;
  readonly #feed: Feed;
  readonly #connection: Connection;
  readonly #stints: Reopening<Stint>;
  readonly #inHand = new Map<Held, { readonly life: Life; readonly lost: AbortController }>();

  constructor(queue: string, feed: Feed, connection: Connection) {
    this.#queue = queue;
    this.#feed = feed;
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
        taken.push(stint.hold(received));
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
    this.#feed.want({ max, arrived });
    await this.#consume();
    return { stop: () => this.#feed.rest(this.#stints.current) };
  }

  /** Nothing arrives once it has resolved. */
  end(): Promise<void> {
    return this.#feed.end(this.#stints.current);
  }

  /** Closes the channel; all in hand should be settled. */
  close(): Promise<void> {
    return this.#stints.close();
  }

  async #open(stopping: AbortSignal): Promise<Opened<Stint>> {
    const model = await this.#connection.get(waitForChannelMs, stopping);
    const opened = await openChannel(() => model.createChannel());
    const life: Life = { over: false };
    const stint: Stint = {
      channel: opened.value,
      ended: opened.ended,
      hold: (received, settleable = Promise.resolve()) => this.#hold(received, settleable, stint, life),
      renew: () => {
        this.#lose(life);
        return opened.close();
      },
    };
    stint.channel.once('close', () => this.#lose(life));
    for (const queue of [workQueue(this.#queue), deadQueue(this.#queue)])
      await declareQueue(stint.channel, queue);
    await this.#feed.consume(stint, this.#strays());
    return { ...opened, value: stint };
  }

  async #consume(): Promise<void> {
    const stint = this.#stints.current;
    if (!stint) return;
    try {
      await this.#feed.consume(stint, this.#strays());
    } catch {
      // The channel has ended, or is of no use: the next one consumes from the start, and `failure` tells why it does not open.
      await stint.renew();
    }
  }

  #hold(received: Message, settleable: Promise<void>, { channel }: Stint, life: Life): Held {
    const lost = new AbortController();
    const held: Held = {
      received,
      settleable,
      delivery: { message: decodeJob(received, this.#queue), lost: lost.signal },
      isOurs: () => !life.over,
      ack: () => this.#settle(life, () => channel.ack(received)),
      requeue: () => this.#settle(life, () => channel.nack(received, false, true)),
      done: () => this.#letGo(held),
    };
    this.#inHand.set(held, { life, lost });
    if (life.over) lost.abort();
    return held;
  }

  #settle(life: Life, how: () => void): void {
    if (life.over) return;
    try {
      how();
    } catch {
      // The channel is closing: what it brought is no longer ours, and comes again.
      this.#lose(life);
    }
  }

  #letGo(held: Held): void {
    this.#inHand.delete(held);
    if (!held.isOurs()) void this.#consume();
  }

  #strays(): number {
    return [...this.#inHand.values()].filter(({ life }) => life.over).length;
  }

  #lose(ended: Life): void {
    ended.over = true;
    for (const { life, lost } of this.#inHand.values()) if (life === ended) lost.abort();
  }
}

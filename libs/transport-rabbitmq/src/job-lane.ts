import type { Consumption, IntakeStream } from '@heavylift/core';
import type { GetMessage, Message } from 'amqplib';
import { consumersOf } from './ask-queue.js';
import { brokerError } from './broker-error.js';
import { takeBatch } from './batch.js';
import type { Connection } from './connection.js';
import { declareQueue } from './declarations.js';
import { Questions } from './questions.js';
import type { Feed, Stint } from './feed.js';
import { ChannelLife, Grip } from './grip.js';
import { Held, noRoom, type Room } from './held.js';
import { decodeJob } from './message-codec.js';
import { openChannel } from './opened-channel.js';
import { type Opened, Reopening } from './reopening.js';
import { Stream } from './stream.js';
import type { QueueDeclaration } from './topology.js';

const waitForChannelMs = 10_000;
/** Shorter: the end of a consumption waits for it. */
const takeWaitsMs = 1_000;
/** A consumer costs two questions: up to so many jobs are asked for one by one. */
const mostAsked = 2;

interface Lane {
  readonly queue: string;
  /** Names its consumers for operators. */
  readonly tag: string;
  readonly declared: readonly QueueDeclaration[];
}

/** One queue, as one consumption sees it: over all channels it has in turn, at most one open at a time. */
export class JobLane {
  readonly #queue: string;
  readonly #tag: string;
  readonly #feed: Feed;
  readonly #connection: Connection;
  readonly #stints: Reopening<Stint>;
  readonly #inHand = new Set<Held>();
  readonly #declared: readonly QueueDeclaration[];
  #stream: Stream | undefined;
  #consumers = 0;

  /** `declared` anew on each channel: the queue, and what it needs. */
  constructor({ queue, tag, declared }: Lane, feed: Feed, connection: Connection) {
    this.#queue = queue;
    this.#tag = tag;
    this.#declared = declared;
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
    const hold = (received: Message): void => void taken.push(stint.hold(received));
    try {
      const count = Math.min(max, await this.#waiting(stint));
      if (count > mostAsked)
        await takeBatch(stint, { queue: this.#queue, tag: this.#nextTag(), count }, hold);
      else await this.#askForEach(stint, count, hold);
      return taken;
    } catch (error) {
      // What was taken goes back with the channel.
      for (const held of taken) this.letGo(held);
      await stint.renew();
      throw error;
    }
  }

  /** How many wait. The leader of the queue answers this by itself; each question for a job, even of an empty queue, is agreed on by all and fsynced. */
  async #waiting(stint: Stint): Promise<number> {
    return (await stint.orEnd(stint.channel.checkQueue(this.#queue))).messageCount;
  }

  async #ask(stint: Stint): Promise<GetMessage | undefined> {
    return (await stint.orEnd(stint.channel.get(this.#queue))) || undefined;
  }

  async #askForEach(stint: Stint, count: number, hold: (received: Message) => void): Promise<void> {
    for (let left = count; left > 0; left--) {
      const received = await this.#ask(stint);
      if (!received) return;
      hold(received);
    }
  }

  /**
   * Asks on the channel of the lane. One on which the broker has forgotten the consumer is given up: the next consumes anew.
   * @throws {TransportError} when no job can be received now
   */
  async check(): Promise<void> {
    const stint = await this.#stints.get(takeWaitsMs);
    const consumer = this.#consumer;
    const consumers = await consumersOf(this.#queue, stint.channel, stint.ended);
    if (consumers > 0 || consumer === undefined || consumer !== this.#consumer) return;
    await stint.renew();
    throw brokerError('broker.refused', `the broker has forgotten the consumer of queue "${this.#queue}"`);
  }

  /** Receives jobs as they come until stopped, on each channel anew. Resolves once the present channel, if any, receives. */
  async watch(max: number, arrived: (held: Held) => void): Promise<Consumption> {
    this.#feed.want({ max, arrived });
    await this.#consume();
    return { stop: () => this.#feed.rest(this.#stints.current), check: () => this.check() };
  }

  /** Streams jobs on the present channel; `over` hears when that ends. One at a time. */
  async stream(arrived: (held: Held) => void, over: () => void): Promise<IntakeStream> {
    const stint = await this.#stints.get(takeWaitsMs);
    const [queue, tag, check] = [this.#queue, this.#nextTag(), () => this.check()];
    this.#stream = new Stream(stint, { queue, tag, arrived, over, check });
    return this.#stream;
  }

  /** Nothing arrives once it has resolved. */
  async end(): Promise<void> {
    await Promise.all([this.#feed.end(this.#stints.current), this.#stream?.end()]);
  }

  /** Closes the channel; all in hand should be settled. */
  close(): Promise<void> {
    return this.#stints.close();
  }

  /** To be called when it is no longer in hand. */
  letGo(held: Held): void {
    this.#inHand.delete(held);
    if (held.outside) void this.#consume();
  }

  get #consumer(): string | undefined {
    return this.#stream?.consumer ?? this.#feed.consumer;
  }

  #nextTag(): string {
    return `${this.#tag}+${++this.#consumers}`;
  }

  async #open(stopping: AbortSignal): Promise<Opened<Stint>> {
    const model = await this.#connection.get(waitForChannelMs, stopping);
    const opened = await openChannel(() => model.createChannel());
    const life = new ChannelLife(opened.value);
    const questions = new Questions(opened.ended);
    const stint: Stint = {
      channel: opened.value,
      ended: opened.ended,
      orEnd: (asked) => questions.orEnd(asked),
      hold: (received, room = noRoom) => this.#hold(received, life, room),
      renew: () => {
        life.flush();
        life.end();
        return opened.close();
      },
    };
    for (const queue of this.#declared) await declareQueue(stint.channel, queue);
    await this.#feed.consume(stint, this.#outside());
    void opened.ended.then(() => this.#stream?.lost());
    return { ...opened, value: stint, close: () => (life.flush(), opened.close()) };
  }

  async #consume(): Promise<void> {
    const stint = this.#stints.current;
    if (!stint) return;
    try {
      await this.#feed.consume(stint, this.#outside());
    } catch {
      // The channel has ended, or is of no use: the next one consumes from the start, and `failure` tells why it does not open.
      await stint.renew();
    }
  }

  #hold(received: Message, life: ChannelLife, room: Room): Held {
    const message = decodeJob(received, this.#queue);
    const held = new Held(message, received, new Grip(received, life), room, () => void this.#consume());
    this.#inHand.add(held);
    return held;
  }

  #outside(): number {
    return [...this.#inHand].filter((held) => held.outside).length;
  }
}

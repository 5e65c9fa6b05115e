import type { IntakeStream } from '@heavylift/core';
import type { ConsumeMessage } from 'amqplib';
import { Filling } from './filling.js';
import { cancel, type Stint } from './feed.js';
import type { Held, Room } from './held.js';

interface Streamed {
  readonly queue: string;
  /** Names its consumers, and has no other on the channel. */
  readonly tag: string;
  readonly arrived: (held: Held) => void;
  /** Hears when it ends by itself. */
  readonly over: () => void;
  readonly check: () => Promise<void>;
}

/**
 * Jobs of one queue, pushed on one channel as fast as they are settled: the broker's window is the number of slots, as with {@link SteadyFeed}, and each
 * settlement brings the next job without a question.
 *
 * At its end nothing is settled until its windows are full, or nothing has come for a while: only then can its consumers be cancelled without a job on its way
 * ({@link SingleShotFeed} tells why). Of a queue that has many jobs they are full already.
 */
export class Stream implements IntakeStream, Room {
  readonly #stint: Stint;
  readonly #streamed: Streamed;
  readonly #tags: string[] = [];
  readonly #filling = new Filling();
  #window = 0;
  #unsettled = 0;
  #confirmed = false;
  #consuming: Promise<unknown> = Promise.resolve();
  #ending: Promise<void> | undefined;
  settleable: Promise<void> | undefined;
  givenUp = false;

  constructor(stint: Stint, streamed: Streamed) {
    this.#stint = stint;
    this.#streamed = streamed;
  }

  /** The broker knows it, and nobody is about to cancel it. */
  get consumer(): string | undefined {
    return this.#confirmed && !this.#ending ? this.#tags[0] : undefined;
  }

  widen(by: number): void {
    if (this.#ending) return;
    const consuming = this.#consume(by).catch(() => this.#stint.renew());
    this.#consuming = Promise.all([this.#consuming, consuming]);
  }

  check(): Promise<void> {
    return this.#streamed.check();
  }

  stop(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** Ends it without waiting for what may be on its way. */
  end(): Promise<void> {
    this.#filling.giveUp();
    return this.stop();
  }

  /** Its channel has ended. */
  lost(): void {
    this.#streamed.over();
  }

  settled(): void {
    this.#unsettled--;
  }

  /** A job is to be held by another delivery: its place stays empty. */
  giveUp(): Promise<void> {
    this.#streamed.over();
    return this.stop();
  }

  async #consume(count: number): Promise<void> {
    const { channel } = this.#stint;
    const consumerTag = `${this.#streamed.tag}.${this.#tags.length + 1}`;
    this.#tags.push(consumerTag);
    this.#window += count;
    const receive = (received: ConsumeMessage | null): void => {
      // The broker has cancelled the consumer: its queue is gone, or a time limit was hit.
      if (received) this.#receive(received);
      else void this.#stint.renew();
    };
    // Both at once: a prefetch from elsewhere must not come in between.
    await Promise.all([
      channel.prefetch(count),
      channel.consume(this.#streamed.queue, receive, { consumerTag }),
    ]);
    this.#confirmed = true;
  }

  #receive(received: ConsumeMessage): void {
    this.#unsettled++;
    this.#filling.arrived();
    this.#streamed.arrived(this.#stint.hold(received, this));
  }

  async #end(): Promise<void> {
    let settle = (): void => {};
    this.settleable = new Promise((resolve) => (settle = resolve));
    this.#filling.expect(this.#window - this.#unsettled);
    await this.#filled();
    await Promise.all(this.#tags.map((tag) => cancel(this.#stint, tag)));
    this.givenUp = true;
    this.settleable = undefined;
    settle();
  }

  async #filled(): Promise<void> {
    try {
      await this.#stint.orEnd(this.#consuming.then(() => this.#filling.done()));
    } catch {
      // The channel has ended, and with it all that could come.
    }
  }
}

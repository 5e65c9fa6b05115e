import type { Channel, Message } from 'amqplib';
import { Acks } from './acks.js';

/** One delivery as the broker sees it: only on its own channel can it be settled. */
export class Grip {
  readonly #received: Message;
  readonly #life: ChannelLife;

  constructor(received: Message, life: ChannelLife) {
    this.#received = received;
    this.#life = life;
    life.received(received);
  }

  /** False once the channel has ended: the broker gives, or has given, the job to another. */
  isOurs(): boolean {
    return !this.#life.over;
  }

  /** Lets the message go for good; without effect, as the other two, once it is no longer ours. */
  ack(): void {
    this.#life.ack(this, this.#received);
  }

  /** Back to its place on the queue; RabbitMQ before 4.3 counts that as a lost holder. */
  requeue(): void {
    this.#settle((channel) => channel.nack(this.#received, false, true));
  }

  /** On to where its queue's dead letters go. */
  reject(): void {
    this.#settle((channel) => channel.nack(this.#received, false, false));
  }

  /** Tells, once, when it is lost before it was settled; at once when it is lost already. */
  onLost(listener: () => void): void {
    this.#life.onEnd(this, listener);
  }

  #settle(how: (channel: Channel) => void): void {
    this.#life.settle(this, this.#received, how);
  }
}

/** One channel, from its opening to its end, for what comes on it. */
export class ChannelLife {
  readonly #channel: Channel;
  readonly #acks: Acks;
  readonly #listeners = new Map<Grip, () => void>();
  #over = false;

  constructor(channel: Channel) {
    this.#channel = channel;
    // What the channel brought is no longer ours when it is closing, and comes again.
    this.#acks = new Acks(channel, () => this.end());
    channel.once('close', () => this.end());
  }

  /** Nothing that came on the channel is ours any more. */
  get over(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  onEnd(grip: Grip, listener: () => void): void {
    if (this.#over) listener();
    else this.#listeners.set(grip, listener);
  }

  received(message: Message): void {
    this.#acks.received(message);
  }

  /** Takes effect with the next turn of the event loop, or with `flush`. */
  ack(grip: Grip, message: Message): void {
    if (this.#over) return;
    this.#listeners.delete(grip);
    this.#acks.ack(message);
  }

  /** To be called before the channel is closed. */
  flush(): void {
    if (!this.#over) this.#acks.flush();
  }

  settle(grip: Grip, message: Message, how: (channel: Channel) => void): void {
    if (this.#over) return;
    this.#listeners.delete(grip);
    this.#acks.settled(message);
    try {
      how(this.#channel);
    } catch {
      // The channel is closing: what it brought is no longer ours, and comes again.
      this.end();
    }
  }
}

import type { Channel, Message } from 'amqplib';

/**
 * Acknowledges what comes on one channel: all of one turn of the event loop together, by one message to the broker where nothing older is unsettled. To a
 * quorum queue each such message is an entry of its log.
 *
 * Measured with `npm run bench -- transport`.
 */
export class Acks {
  readonly #channel: Channel;
  readonly #failed: () => void;
  readonly #unsettled = new Set<number>();
  #done: Message[] = [];
  /** What has come is numbered from 1. */
  #received = 0;
  #latest = 0;

  /** `failed` hears that the channel takes none any more. */
  constructor(channel: Channel, failed: () => void) {
    this.#channel = channel;
    this.#failed = failed;
  }

  received({ fields: { deliveryTag } }: Message): void {
    this.#unsettled.add(deliveryTag);
    this.#received++;
    this.#latest = Math.max(this.#latest, deliveryTag);
  }

  /** It was settled otherwise. */
  settled({ fields: { deliveryTag } }: Message): void {
    this.#unsettled.delete(deliveryTag);
  }

  ack(received: Message): void {
    this.#done.push(received);
    if (this.#done.length === 1) setImmediate(() => this.flush());
  }

  /** To be called before the channel is closed. */
  flush(): void {
    const done = this.#done;
    if (done.length === 0) return;
    this.#done = [];
    for (const received of done) this.settled(received);
    try {
      this.#send(done);
    } catch {
      this.#failed();
    }
  }

  #send(done: readonly Message[]): void {
    const oldest = this.#oldestUnsettled();
    const together = done.filter(({ fields }) => fields.deliveryTag < oldest);
    const last = together.reduce<Message | undefined>(later, undefined);
    if (last) this.#channel.ack(last, together.length > 1);
    for (const received of done) if (received.fields.deliveryTag >= oldest) this.#channel.ack(received);
  }

  #oldestUnsettled(): number {
    // One that has come and is not counted yet may be among the older ones.
    if (this.#received !== this.#latest) return 0;
    let oldest = Infinity;
    for (const tag of this.#unsettled) oldest = Math.min(oldest, tag);
    return oldest;
  }
}

function later(one: Message | undefined, other: Message): Message {
  return one && one.fields.deliveryTag > other.fields.deliveryTag ? one : other;
}

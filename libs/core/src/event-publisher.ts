import { encodeEvent, encodeEvents, eventTopic, type PublishedEvent } from './job-event.js';
import type { PublishOptions, Transport } from './transport.js';

/** Together well under the largest message of a broker: 1 MiB on NATS. */
const mostBytes = 256 * 1_024;
const mostEvents = 128;

interface Waiting {
  readonly topic: string;
  readonly body: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Publishes events in the order in which they are given. Those that come while a message is on its way share the next message of their topic: a single
 * event leaves at once and by itself, and the more there are, the fewer messages carry them.
 *
 * Measured with `npm run bench -- tracked`.
 */
export class EventPublisher {
  readonly #transport: Pick<Transport, 'publish'>;
  readonly #waiting: Waiting[] = [];
  #publishing = false;

  constructor(transport: Pick<Transport, 'publish'>) {
    this.#transport = transport;
  }

  /**
   * Resolves once the event is durably accepted; one that must outlive the process does not wait for others.
   * @throws {TransportError} as {@link Transport.publish}
   */
  publish(event: PublishedEvent, options?: PublishOptions): Promise<void> {
    const [topic, body] = [eventTopic(event), encodeEvent(event)];
    if (options?.outlives) return this.#transport.publish(topic, body, options);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ topic, body, resolve, reject });
      if (!this.#publishing) void this.#publishAll();
    });
  }

  async #publishAll(): Promise<void> {
    this.#publishing = true;
    while (this.#waiting.length > 0) {
      const batches = batchesOf(this.#waiting.splice(0));
      await Promise.all(batches.map((batch) => this.#publishTogether(batch)));
    }
    this.#publishing = false;
  }

  async #publishTogether(batch: readonly [Waiting, ...Waiting[]]): Promise<void> {
    try {
      const body = batch.length === 1 ? batch[0].body : encodeEvents(batch.map((each) => each.body));
      await this.#transport.publish(batch[0].topic, body);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    }
  }
}

/** By topic, in the order in which the topics first appear; none too large. */
function batchesOf(events: readonly Waiting[]): [Waiting, ...Waiting[]][] {
  const batches: [Waiting, ...Waiting[]][] = [];
  const open = new Map<string, { readonly batch: Waiting[]; bytes: number }>();
  for (const event of events) {
    const last = open.get(event.topic);
    const bytes = event.body.byteLength;
    if (last && last.batch.length < mostEvents && last.bytes + bytes <= mostBytes) {
      last.batch.push(event);
      last.bytes += bytes;
    } else {
      const batch: [Waiting, ...Waiting[]] = [event];
      batches.push(batch);
      open.set(event.topic, { batch, bytes });
    }
  }
  return batches;
}

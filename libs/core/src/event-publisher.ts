import { encodeEvent, encodeEvents, eventText, eventTopic, type PublishedEvent } from './job-event.js';
import type { PublishOptions, Transport } from './transport.js';

/** Together well under the largest message of a broker, 1 MiB on NATS, though a character may take three bytes. */
const mostCharacters = 256 * 1_024;
const mostEvents = 128;
/** A second round leaves while the first is on its way to the disk; with more of them, messages get smaller for nothing. */
const mostUnderWay = 2;
/**
 * How long the word that a job waits may wait for others. Nobody waits for it: the store knows, and pages are told twice a second. At 200 jobs a second it leaves
 * for ten jobs together.
 */
const patientMs = 50;

interface Waiting {
  readonly topic: string;
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Publishes events in the order in which they are given. Those of one turn of the event loop share a message for each topic, and so do those that come while
 * {@link mostUnderWay} rounds of messages wait to be confirmed: the more there are, the fewer messages carry them, and none waits for more to come, but for
 * the word that a job waits.
 */
export class EventPublisher {
  readonly #transport: Pick<Transport, 'publish'>;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #planned = false;
  /** While all that waits is patient. */
  #patience: NodeJS.Timeout | undefined;

  constructor(transport: Pick<Transport, 'publish'>) {
    this.#transport = transport;
  }

  /**
   * Resolves once the event is durably accepted; one that must outlive the process does not wait for others.
   * @throws {TransportError} as {@link Transport.publish}
   */
  publish(event: PublishedEvent, options?: PublishOptions): Promise<void> {
    const topic = eventTopic(event);
    if (options?.outlives) return this.#transport.publish(topic, encodeEvent(event), options);
    const text = eventText(event);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ topic, text, resolve, reject });
      if (event.kind !== 'queued' || this.#waiting.length >= mostEvents) this.#plan();
      else if (this.#waiting.length === 1) this.#patience = setTimeout(() => this.#plan(), patientMs);
    });
  }

  #plan(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    if (this.#planned || this.#waiting.length === 0 || this.#underWay >= mostUnderWay) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      void this.#publishWaiting();
    });
  }

  async #publishWaiting(): Promise<void> {
    const batches = batchesOf(this.#waiting);
    this.#waiting = [];
    this.#underWay++;
    await Promise.all(batches.map((batch) => this.#publishTogether(batch)));
    this.#underWay--;
    if (!this.#patience) this.#plan();
  }

  async #publishTogether(batch: readonly [Waiting, ...Waiting[]]): Promise<void> {
    try {
      await this.#transport.publish(batch[0].topic, encodeEvents(batch.map(({ text }) => text)));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    }
  }
}

/** By topic, in the order in which the topics first appear; none too large. */
function batchesOf(events: readonly Waiting[]): [Waiting, ...Waiting[]][] {
  const batches: [Waiting, ...Waiting[]][] = [];
  const open = new Map<string, { readonly batch: Waiting[]; characters: number }>();
  for (const event of events) {
    const last = open.get(event.topic);
    const { length } = event.text;
    if (last && last.batch.length < mostEvents && last.characters + length <= mostCharacters) {
      last.batch.push(event);
      last.characters += length;
    } else {
      const batch: [Waiting, ...Waiting[]] = [event];
      batches.push(batch);
      open.set(event.topic, { batch, characters: length });
    }
  }
  return batches;
}

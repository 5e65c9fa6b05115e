import {
  type Allowance,
  type Consumption,
  type DeadLetter,
  type JobMessage,
  type Listener,
  type Process,
  type PublishOptions,
  type QueueDepth,
  type QueueSpec,
  type Transport,
  TransportError,
} from '@heavylift/core';
import { EmbeddedHub } from './hub.js';
import { Slots } from './slots.js';

/** A transport with a memory of its own, which `close` ends. For several clients, share an {@link EmbeddedHub}. */
export function createEmbeddedTransport(): Transport {
  const hub = new EmbeddedHub();
  return new EmbeddedTransport(hub, () => hub.close());
}

/** The port, in memory: for one process, without a broker. What it keeps is gone when the process ends. */
export class EmbeddedTransport implements Transport {
  readonly name = 'embedded';
  readonly #hub: EmbeddedHub;
  readonly #closed: () => void;
  readonly #consumptions = new Set<Consumption>();
  #state: 'new' | 'connected' | 'closing' | 'closed' = 'new';
  #closing: Promise<void> | undefined;

  /** `closed` is called once, at the end of `close`. */
  constructor(hub: EmbeddedHub, closed: () => void = () => {}) {
    this.#hub = hub;
    this.#closed = closed;
  }

  get keeper(): string {
    return this.#hub.keeper;
  }

  async connect(queues: readonly QueueSpec[]): Promise<void> {
    if (this.#closing) throw this.#closedError();
    this.#state = 'connected';
    for (const queue of queues) this.#hub.declare(queue);
  }

  async send(message: JobMessage, options: { readonly delayMs?: number } = {}): Promise<void> {
    this.#usable().queue(message.queue).add(copy(message), options.delayMs);
  }

  async consume(
    tiers: readonly (readonly string[])[],
    concurrency: number | Allowance,
    process: Process,
  ): Promise<Consumption> {
    const hub = this.#startable();
    const from = tiers.map((names) => names.map((name) => hub.queue(name)));
    return this.#owned(new Slots(from, concurrency, process));
  }

  async publish(topic: string, body: Uint8Array, options: PublishOptions = {}): Promise<void> {
    const { events } = this.#usable();
    const event = { topic, body: new Uint8Array(body) };
    if (!options.outlives) return events.publish(event);
    await inTime(events.publishUntilTaken(event), `no group took event "${topic}"`);
  }

  async subscribe(listener: Listener, group?: string): Promise<Consumption> {
    return this.#owned(this.#startable().events.subscribe(listener, group));
  }

  async signal(body: Uint8Array): Promise<void> {
    this.#usable().signals.send(new Uint8Array(body));
  }

  async onSignal(listener: (body: Uint8Array) => void): Promise<Consumption> {
    return this.#owned(this.#startable().signals.listen(listener));
  }

  /** This broker gives up on nothing. */
  async onGivenUp(): Promise<Consumption> {
    return this.#owned({ stop: async () => {} });
  }

  async deadLetters(queue: string, limit: number): Promise<DeadLetter[]> {
    return this.#usable().deadLetters(queue).oldest(limit);
  }

  async discard(queue: string, upTo: ReadonlyMap<string, number>): Promise<number> {
    return this.#usable().deadLetters(queue).discard(upTo);
  }

  async inspect(queue: string): Promise<QueueDepth> {
    return this.#usable().queue(queue).depth;
  }

  async check(): Promise<void> {
    this.#usable();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#state === 'connected') this.#state = 'closing';
    await Promise.all([...this.#consumptions].map((consumption) => consumption.stop()));
    this.#state = 'closed';
    this.#closed();
  }

  /** While it closes, what is in hand may still send and publish its outcome. */
  #usable(): EmbeddedHub {
    if (this.#state === 'connected' || this.#state === 'closing') return this.#hub;
    throw this.#state === 'closed' ? this.#closedError() : this.#unconnectedError();
  }

  /** What begins while it closes would never be ended. */
  #startable(): EmbeddedHub {
    if (this.#closing) throw this.#closedError();
    return this.#usable();
  }

  /** The memory hands on what it has, so all that can be wrong with a consumption is that it was stopped. */
  #owned(begun: Pick<Consumption, 'stop'>): Consumption {
    let stopped = false;
    const stop = async (): Promise<void> => {
      stopped = true;
      await begun.stop();
      this.#consumptions.delete(owned);
    };
    const check = async (): Promise<void> => {
      if (stopped) throw new TransportError('broker.closed', 'takes nothing any more: it was stopped');
    };
    const owned = { stop, check };
    this.#consumptions.add(owned);
    return owned;
  }

  #closedError(): TransportError {
    return new TransportError('broker.closed', `transport "${this.name}" is closed; create a new one`);
  }

  #unconnectedError(): TransportError {
    return new TransportError(
      'broker.closed',
      `transport "${this.name}" is not connected; call connect() first`,
    );
  }
}

const takenWithinMs = 5_000;

async function inTime(taken: Promise<void>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new TransportError('broker.timeout', `${what} within ${takenWithinMs / 1_000} s`);
    timer = setTimeout(() => reject(error), takenWithinMs);
  });
  try {
    await Promise.race([taken, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** So that the sender may use its buffer again. */
function copy(message: JobMessage): JobMessage {
  return { ...message, headers: { ...message.headers }, body: new Uint8Array(message.body) };
}

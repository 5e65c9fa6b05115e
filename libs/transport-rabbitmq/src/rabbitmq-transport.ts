import { randomUUID } from 'node:crypto';
import {
  type Allowance,
  type Consumption,
  type DeadLetter,
  type EventKind,
  eventsContentType,
  type JobMessage,
  type Listener,
  type Process,
  type QueueDepth,
  type QueueSpec,
  type Transport,
  type TransportEvent,
} from '@heavylift/core';
import type { ConsumeMessage } from 'amqplib';
import { asError, brokerError, closedError } from './broker-error.js';
import { keeperOf } from './broker-identity.js';
import { type BrokerUrl, parseBrokerUrl } from './broker-url.js';
import { Connection } from './connection.js';
import { DeadLetters } from './dead-letters.js';
import { Declarations } from './declarations.js';
import { type EventSource, Subscription } from './events.js';
import { JobRoutes } from './job-routes.js';
import { Jobs } from './jobs.js';
import { decodeDeadLetter, isBrokersOwn } from './message-codec.js';
import { Publisher } from './publisher.js';
import {
  exchanges,
  groupQueue,
  liveQueue,
  noticesQueue,
  type QueueDeclaration,
  signalQueue,
} from './topology.js';

export interface RabbitmqOptions {
  /** `amqp://` or `amqps://`; several hosts of one cluster comma-separated: `amqp://user:pw@h1:5672,h2:5672/vhost`. */
  readonly url: string;
  /** The process, for operators: in connection names, consumer tags and `app_id`. */
  readonly clientName: string;
  /**
   * How often a job that runs long is moved to a young delivery, in milliseconds; well below the broker's `consumer_timeout`, whose
   * default is 30 minutes. Up to a day. Default: 60,000.
   */
  readonly leaseRenewMs?: number;
}

/**
 * A transport on RabbitMQ 3.10 or later, with quorum queues. It connects on `connect`.
 * @throws {TransportError} `broker.refused`, when an option is malformed
 */
export function createRabbitmqTransport(options: RabbitmqOptions): Transport {
  const leaseRenewMs = options.leaseRenewMs ?? defaultLeaseRenewMs;
  // A timer set for longer, or for nothing, would fire at once, again and again.
  if (!(leaseRenewMs >= 1 && leaseRenewMs <= longestLeaseRenewMs))
    throw brokerError('broker.refused', `leaseRenewMs must be between 1 and ${longestLeaseRenewMs}`);
  return new RabbitmqTransport(options.clientName, leaseRenewMs, parseBrokerUrl(options.url));
}

const defaultLeaseRenewMs = 60_000;
const longestLeaseRenewMs = 24 * 60 * 60_000;
const connectTimeoutMs = 5_000;
const askTimeoutMs = 5_000;

interface Running extends Consumption {
  readonly failure: unknown;
}

class RabbitmqTransport implements Transport {
  readonly name = 'rabbitmq';
  readonly #clientName: string;
  readonly #leaseRenewMs: number;
  readonly #broker: BrokerUrl;
  readonly #publishing: Connection;
  readonly #consuming: Connection;
  readonly #declarations = new Declarations();
  readonly #publisher: Publisher;
  readonly #routes: JobRoutes;
  readonly #deadLetters: DeadLetters;
  readonly #running = new Set<Running>();
  #keeper: string | undefined;
  #state: 'new' | 'open' | 'closed' = 'new';
  #closed: Promise<void> | undefined;

  constructor(clientName: string, leaseRenewMs: number, broker: BrokerUrl) {
    this.#clientName = clientName;
    this.#leaseRenewMs = leaseRenewMs;
    this.#broker = broker;
    this.#publishing = new Connection(broker, `${clientName}:publish`);
    this.#consuming = new Connection(broker, `${clientName}:consume`);
    this.#publisher = new Publisher(this.#publishing, this.#declarations, clientName);
    this.#routes = new JobRoutes(this.#publisher, this.#declarations);
    this.#deadLetters = new DeadLetters(this.#consuming);
  }

  get keeper(): string {
    if (!this.#keeper) throw brokerError('broker.unreachable', 'not connected yet; call connect() first');
    return this.#keeper;
  }

  async connect(queues: readonly QueueSpec[]): Promise<void> {
    if (this.#state === 'closed') throw closedError();
    for (const queue of queues) this.#declarations.addJobQueue(queue);
    this.#state = 'open';
    for (const part of [this.#publishing, this.#consuming, this.#publisher]) part.start();
    const [model] = await Promise.all([
      this.#publishing.get(connectTimeoutMs),
      this.#consuming.get(connectTimeoutMs),
    ]);
    await this.#publisher.ready(connectTimeoutMs);
    this.#keeper = keeperOf(model, this.#broker);
  }

  async send(message: JobMessage, options: { readonly delayMs?: number } = {}): Promise<void> {
    this.#requireOpen();
    await this.#routes.send(message, options.delayMs);
  }

  async consume(
    tiers: readonly (readonly string[])[],
    concurrency: number | Allowance,
    process: Process,
  ): Promise<Consumption> {
    this.#requireOpen();
    const broker = {
      clientName: this.#clientName,
      connection: this.#consuming,
      declarations: this.#declarations,
      routes: this.#routes,
      leaseRenewMs: this.#leaseRenewMs,
    };
    return this.#track(new Jobs(tiers, concurrency, process, broker));
  }

  async publish(topic: string, body: Uint8Array): Promise<void> {
    await this.#announce(exchanges.events, topic, body, true);
  }

  subscribe(listener: Listener, group?: string, without: readonly EventKind[] = []): Promise<Consumption> {
    const source =
      group === undefined
        ? { name: 'live events', queue: () => liveQueue(this.#uniqueName()), again: false }
        : { name: `events of group "${group}"`, queue: () => groupQueue(group, without), again: true };
    return this.#subscribe({ ...source, owner: this.#clientName, read: toEvent }, listener);
  }

  async signal(body: Uint8Array): Promise<void> {
    await this.#announce(exchanges.control, '', body, false);
  }

  onSignal(listener: (body: Uint8Array) => void): Promise<Consumption> {
    const queue = (): QueueDeclaration => signalQueue(this.#uniqueName());
    const source = { name: 'signals', queue, owner: this.#clientName, again: false, read: toEvent };
    return this.#subscribe(source, (signals) => tellEach(signals, listener));
  }

  onGivenUp(listener: (letter: DeadLetter) => Promise<void>): Promise<Consumption> {
    // Its bindings come with the queues whose dead letters it gets.
    const source = {
      name: 'jobs given up',
      queue: () => noticesQueue(''),
      owner: this.#clientName,
      again: true,
      read: readNotice,
    };
    return this.#subscribe(source, async (letters) => {
      for (const letter of letters) if (letter) await listener(letter);
    });
  }

  async deadLetters(queue: string, limit: number): Promise<DeadLetter[]> {
    this.#requireOpen();
    return this.#deadLetters.list(queue, limit);
  }

  async discard(queue: string, upTo: ReadonlyMap<string, number>): Promise<number> {
    this.#requireOpen();
    return this.#deadLetters.discard(queue, upTo);
  }

  /** How many are with workers cannot be asked over AMQP. */
  async inspect(queue: string): Promise<QueueDepth> {
    this.#requireOpen();
    const deadLetters = this.#declarations.deadLettersOf(queue);
    return this.#consuming.withChannel(askTimeoutMs, async (channel) => ({
      ready: (await channel.checkQueue(queue)).messageCount,
      deadLettered: await this.#deadLetters.count(channel, deadLetters),
    }));
  }

  async check(): Promise<void> {
    this.#requireOpen();
    await Promise.all([this.#publishing.check(askTimeoutMs), this.#consuming.check(askTimeoutMs)]);
    for (const { failure } of this.#running) {
      if (failure) throw brokerError('broker.refused', 'a consumption does not work now', asError(failure));
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#state = 'closed';
    await Promise.all([...this.#running].map((running) => running.stop()));
    // Channels before connections: the close of a connection overtakes what its channels have still to send, acks included.
    await this.#publisher.close();
    await Promise.all([this.#publishing.close(), this.#consuming.close()]);
  }

  async #announce(
    exchange: string,
    routingKey: string,
    body: Uint8Array,
    persistent: boolean,
  ): Promise<void> {
    this.#requireOpen();
    const properties = {
      contentType: eventsContentType(body),
      persistent,
      messageId: randomUUID(),
      type: routingKey,
    };
    await this.#publisher.publish({ exchange, routingKey, body, properties });
  }

  async #subscribe<T>(
    source: EventSource<T>,
    listener: (batch: readonly T[]) => Promise<void>,
  ): Promise<Consumption> {
    this.#requireOpen();
    const subscription = new Subscription(source, listener, this.#consuming);
    const tracked = this.#track(subscription);
    try {
      await subscription.ready();
      return tracked;
    } catch (error) {
      await tracked.stop();
      throw error;
    }
  }

  /** Stopped with the transport, unless its owner stops it before. */
  #track(running: Running): Consumption {
    this.#running.add(running);
    return {
      stop: async () => {
        await running.stop();
        this.#running.delete(running);
      },
      check: () => running.check(),
    };
  }

  #uniqueName(): string {
    return `${this.#clientName}.${randomUUID().slice(0, 8)}`;
  }

  #requireOpen(): void {
    if (this.#state === 'closed') throw closedError();
    if (this.#state === 'new')
      throw brokerError('broker.unreachable', 'not connected yet; call connect() first');
  }
}

function toEvent(received: ConsumeMessage): TransportEvent {
  return { topic: received.fields.routingKey, body: received.content };
}

/** Those that one of us made need no telling. */
function readNotice(received: ConsumeMessage): DeadLetter | undefined {
  return isBrokersOwn(received) ? decodeDeadLetter(received, received.fields.routingKey) : undefined;
}

/** Each is told, even when the listener throws at one. */
async function tellEach(
  signals: readonly TransportEvent[],
  listener: (body: Uint8Array) => void,
): Promise<void> {
  const told = await Promise.allSettled(signals.map(async ({ body }) => listener(body)));
  const failed = told.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

import { TransportError, within } from '@heavylift/core';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { brokerError } from './broker-error.js';
import type { BrokerUrl } from './broker-url.js';
import { openChannel } from './opened-channel.js';
import { atMost } from './at-most.js';
import { type Opened, Reopening } from './reopening.js';
import { writeTogether } from './write-together.js';

const connectTimeoutMs = 5_000;
const closeTimeoutMs = 2_000;

/** One connection to the broker, kept open: after its end it is opened anew, on the next host in turn. */
export class Connection {
  readonly #broker: BrokerUrl;
  readonly #name: string;
  readonly #link: Reopening<ChannelModel>;
  readonly #unblocked = new Set<() => void>();
  #turn = 0;
  #blocked: string | undefined;

  /** `name` is what operators see in the broker's list of connections. */
  constructor(broker: BrokerUrl, name: string) {
    this.#broker = broker;
    this.#name = name;
    this.#link = new Reopening(`connection to RabbitMQ at ${broker.name}`, () => this.#open());
  }

  start(): void {
    this.#link.start();
  }

  /** What is open, waiting for it up to `timeoutMs`, or until `giveUp` aborts. */
  get(timeoutMs: number, giveUp?: AbortSignal): Promise<ChannelModel> {
    return this.#link.get(timeoutMs, giveUp);
  }

  /** Why the broker takes nothing from this connection for now, like `low on disk`. */
  get blocked(): string | undefined {
    return this.#blocked;
  }

  /** Calls once, when the broker takes again or the connection has ended. */
  onceUnblocked(listener: () => void): void {
    this.#unblocked.add(listener);
  }

  /** Runs `work` on a channel of its own, closed afterwards: what it holds unsettled goes back. */
  async withChannel<T>(timeoutMs: number, work: (channel: Channel) => Promise<T>): Promise<T> {
    const model = await this.get(timeoutMs);
    const onChannel = async (): Promise<T> => {
      const opened = await openChannel(() => model.createChannel());
      try {
        return await work(opened.value);
      } finally {
        await opened.close();
      }
    };
    try {
      return await within(onChannel(), timeoutMs, () => this.#late(timeoutMs));
    } catch (error) {
      if (error instanceof TransportError) throw error;
      throw brokerError('broker.refused', `RabbitMQ at ${this.#broker.name} did not do it`, error);
    }
  }

  /**
   * One round trip on what is open now.
   * @throws {TransportError} when nothing is open, it is blocked, or does not answer
   */
  async check(timeoutMs: number): Promise<void> {
    if (!this.#link.current)
      throw brokerError('broker.unreachable', `not connected to ${this.#broker.name}`, this.#link.failure);
    if (this.#blocked)
      throw brokerError(
        'broker.refused',
        `the broker has blocked this connection, and takes no messages now: ${this.#blocked}`,
      );
    await this.withChannel(timeoutMs, () => Promise.resolve());
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #open(): Promise<Opened<ChannelModel>> {
    const host = this.#broker.hosts[this.#turn++ % this.#broker.hosts.length]!;
    const model = await connect(host, {
      noDelay: true,
      keepAlive: true,
      timeout: connectTimeoutMs,
      clientProperties: { connection_name: this.#name },
    });
    writeTogether(model);
    return this.#observe(model);
  }

  #observe(model: ChannelModel): Opened<ChannelModel> {
    let reason: Error | undefined;
    model.on('error', (error) => (reason = error));
    model.on('blocked', (text) => (this.#blocked = text));
    model.on('unblocked', () => this.#release());
    // `close` alone drives the reconnect: a forced close never emits `error`.
    const ended = new Promise<Error>((resolve) => {
      model.once('close', (error?: Error) => {
        this.#release();
        resolve(reason ?? error ?? brokerError('broker.unreachable', 'the connection has ended'));
      });
    });
    return { value: model, ended, close: () => atMost(closeTimeoutMs, Promise.race([ended, model.close()])) };
  }

  #release(): void {
    this.#blocked = undefined;
    const listeners = [...this.#unblocked];
    this.#unblocked.clear();
    for (const listener of listeners) listener();
  }

  #late(timeoutMs: number): Error {
    return brokerError(
      'broker.timeout',
      `RabbitMQ at ${this.#broker.name} did not answer within ${timeoutMs} ms`,
    );
  }
}

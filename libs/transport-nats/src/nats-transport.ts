import {
  type Allowance,
  type Consumption,
  type DeadLetter,
  type JobMessage,
  type Listener,
  type Process,
  type QueueDepth,
  type QueueSpec,
  type Transport,
  TransportError,
} from '@heavylift/core';
import type { JetStreamManager, Msg, NatsConnection } from 'nats';
import { parseAddress } from './address.js';
import { Connection, type Session } from './connection.js';
import { discard, oldestDeadLetters, sweep } from './dead-letters.js';
import { Declarations } from './declarations.js';
import { moveWhenDue } from './delays.js';
import { publishEvent } from './events.js';
import { GroupSubscription } from './group-subscription.js';
import { consumeJobs } from './jobs.js';
import { LiveSubscription } from './live-subscription.js';
import { Outbound } from './outbound.js';
import { PullLoop } from './pull-loop.js';
import { Queues } from './queues.js';
import { emit, SignalSubscription } from './signals.js';
import * as plan from './streams.js';

export interface NatsTransportOptions {
  /** `nats://` or `tls://`, several hosts comma-separated; three or more make each new stream a replicated one. */
  readonly url: string;
  /** Shown as the name of the connection, and written into each message. */
  readonly clientName: string;
  /** How long a worker may be silent before its job goes to another. Default: 6,000. */
  readonly ackWaitMs?: number;
  /** Hears what went wrong where no call could answer. Default: a warning of the process, at most one a minute for each code. */
  readonly warn?: (error: TransportError) => void;
}

/** Short, so that a dead worker's job moves on soon: a live one renews it, and one that was only late is asked before its job runs again. */
const defaultAckWaitMs = 6_000;
const answerMs = 5_000;

/** The port on NATS JetStream, nats-server 2.9.10 or newer. Every rejection is a TransportError. */
export class NatsTransport implements Transport {
  readonly name = 'nats';
  readonly #ackWaitMs: number;
  readonly #warn: (error: TransportError) => void;
  readonly #connection: Connection;
  readonly #declarations: Declarations;
  readonly #outbound: Outbound;
  readonly #queues: Queues;
  readonly #consumptions = new Set<Consumption>();
  #delays: PullLoop | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: NatsTransportOptions & { readonly warn: (error: TransportError) => void }) {
    const address = parseAddress(options.url);
    this.#ackWaitMs = options.ackWaitMs ?? defaultAckWaitMs;
    this.#warn = options.warn;
    this.#declarations = new Declarations(address.servers.length >= 3 ? 3 : 1);
    const declare = (jsm: JetStreamManager, nc: NatsConnection): Promise<void> =>
      this.#declarations.declare(jsm, nc);
    this.#connection = new Connection({ address, clientName: options.clientName, declare, warn: this.#warn });
    this.#outbound = new Outbound(this.#connection, options.clientName);
    this.#queues = new Queues(this.#connection, this.#declarations, this.#ackWaitMs);
    this.#declarations.add(plan.delaysConsumer(this.#ackWaitMs));
    this.#declarations.add(plan.sweepConsumer(this.#ackWaitMs));
  }

  get keeper(): string {
    return this.#declarations.keeper;
  }

  async connect(queues: readonly QueueSpec[]): Promise<void> {
    this.#assertOpen();
    for (const queue of queues) this.#queues.add(queue);
    await this.#connection.open();
  }

  async send(message: JobMessage, options: { readonly delayMs?: number } = {}): Promise<void> {
    this.#assertOpen();
    await this.#queues.assertRoutable(message.queue);
    await this.#outbound.send(message, options.delayMs ?? 0);
  }

  async consume(
    tiers: readonly (readonly string[])[],
    concurrency: number | Allowance,
    process: Process,
  ): Promise<Consumption> {
    await this.#session();
    for (const queue of tiers.flat()) await this.#queues.assertRoutable(queue);
    this.#moveDelayed();
    const context = {
      connection: this.#connection,
      outbound: this.#outbound,
      queues: this.#queues,
      ackWaitMs: this.#ackWaitMs,
      warn: this.#warn,
    };
    return this.#keep(consumeJobs(context, tiers, concurrency, process));
  }

  async publish(topic: string, body: Uint8Array): Promise<void> {
    this.#assertOpen();
    await publishEvent(this.#connection, topic, body);
  }

  async subscribe(listener: Listener, group?: string): Promise<Consumption> {
    const { nc } = await this.#session();
    if (group === undefined) {
      const live = this.#keep(new LiveSubscription(nc, listener, this.#warn));
      await this.#connection.ask('subscribe to events', nc.flush());
      return live;
    }
    this.#declarations.add(plan.groupConsumer(group, this.#ackWaitMs));
    await this.#connection.open();
    const [connection, ackWaitMs, warn] = [this.#connection, this.#ackWaitMs, this.#warn];
    return this.#keep(new GroupSubscription({ connection, group, listener, ackWaitMs, warn }));
  }

  async signal(body: Uint8Array): Promise<void> {
    const { nc } = await this.#session();
    await this.#connection.ask('signal', emit(nc, body));
  }

  async onSignal(listener: (body: Uint8Array) => void): Promise<Consumption> {
    const { nc } = await this.#session();
    const subscription = this.#keep(new SignalSubscription(nc, listener, this.#warn));
    await this.#connection.ask('listen to signals', nc.flush());
    return subscription;
  }

  /** Until somebody listens, such a job stays in its stream, where nobody gets it. */
  async onGivenUp(listener: (letter: DeadLetter) => Promise<void>): Promise<Consumption> {
    await this.#session();
    const [connection, warn] = [this.#connection, this.#warn];
    const context = { connection, outbound: this.#outbound, queues: this.#queues, told: listener };
    const source = { stream: plan.advisoriesStream.name, durable: plan.sweepDurable };
    const handle = (advisory: Msg): Promise<void> => sweep(context, advisory);
    return this.#keep(new PullLoop({ connection, source, warn, handle }));
  }

  async deadLetters(queue: string, limit: number): Promise<DeadLetter[]> {
    const { jsm } = await this.#session();
    return this.#connection.ask(`read dead letters of ${queue}`, oldestDeadLetters(jsm, queue, limit));
  }

  async discard(queue: string, upTo: ReadonlyMap<string, number>): Promise<number> {
    const { jsm } = await this.#session();
    return this.#connection.ask(`discard dead letters of ${queue}`, discard(jsm, queue, upTo));
  }

  async inspect(queue: string): Promise<QueueDepth> {
    const { jsm } = await this.#session();
    await this.#queues.assertRoutable(queue);
    const subject = plan.deadSubject(await this.#queues.deadLettersOf(queue));
    const asked = Promise.all([
      jsm.consumers.info(plan.jobsStream.name, plan.durableOf(queue)),
      // All subjects: asked for one, a server of 2.9 counts none once those before have been removed in great number.
      jsm.streams.info(plan.deadStream.name, { subjects_filter: '>' }),
    ]);
    const [jobs, dead] = await this.#connection.ask(`inspect queue ${queue}`, asked);
    const deadLettered = dead.state.subjects?.[subject] ?? 0;
    return { ready: jobs.num_pending, inFlight: jobs.num_ack_pending, deadLettered };
  }

  async check(): Promise<void> {
    const { jsm } = await this.#session();
    await this.#connection.ask('reach JetStream', jsm.streams.info(plan.jobsStream.name));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumptions].map((consumption) => consumption.stop()));
    await this.#delays?.stop();
    await this.#connection.close();
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new TransportError('broker.closed', 'the NATS transport is closed; make a new one');
  }

  async #session(): Promise<Session> {
    this.#assertOpen();
    return this.#connection.session(answerMs);
  }

  /** What no single client owns is done by every client that works. */
  #moveDelayed(): void {
    if (this.#delays) return;
    const [connection, outbound, warn] = [this.#connection, this.#outbound, this.#warn];
    const source = { stream: plan.retryStream.name, durable: plan.delaysDurable };
    const handle = (raw: Msg): Promise<void> => moveWhenDue(connection, outbound, raw);
    this.#delays = new PullLoop({ connection, source, warn, handle });
  }

  #keep(consumption: Consumption): Consumption {
    this.#consumptions.add(consumption);
    const stop = (): Promise<void> =>
      consumption.stop().finally(() => this.#consumptions.delete(consumption));
    const check = async (): Promise<void> => {
      await this.#session();
      await consumption.check();
    };
    return { stop, check };
  }
}

import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type JobMessage, queuesOf, type Transport, TransportError } from '@heavylift/core';
import { eventually } from './eventually.js';
import { Gate } from './gate.js';
import { EventRecorder } from './recorder.js';
import type { TransportHarness } from './transport-harness.js';

/** Cases by their sentence. */
export type Cases = Readonly<Record<string, (bench: Bench) => Promise<void>>>;

const closeTimeoutMs = 20_000;

/** A queue name that no other case has. */
export function freshQueue(): string {
  return `t${randomBytes(5).toString('hex')}.case`;
}

/** What one case works with: a queue of its own, clients, gates. `close` opens the gates and closes the clients. */
export class Bench {
  readonly queue = freshQueue();
  readonly leaseMs: number;
  readonly #harness: TransportHarness;
  readonly #clients: Transport[] = [];
  readonly #gates: Gate[] = [];
  #sent = 0;

  constructor(harness: TransportHarness) {
    this.#harness = harness;
    this.leaseMs = harness.leaseMs ?? 500;
  }

  get timeoutMs(): number {
    return this.#harness.timeoutMs ?? 30_000;
  }

  /** A client that is not connected yet. */
  async unconnected(): Promise<Transport> {
    const client = await this.#harness.create(`${this.queue}-${this.#clients.length + 1}`);
    this.#clients.push(client);
    return client;
  }

  /** A client that is connected and has declared the case's queue, and `more`. */
  async client(...more: readonly string[]): Promise<Transport> {
    const client = await this.unconnected();
    await client.connect([this.queue, ...more].map((name) => ({ name })));
    return client;
  }

  /** A client that is connected and has declared the lanes of the case's queue: their dead letters lie under the queue's name. */
  async clientOfLanes(): Promise<Transport> {
    const client = await this.unconnected();
    await client.connect(queuesOf(this.queue));
    return client;
  }

  /** A job of its own id, not sent yet. */
  message(overrides: Partial<JobMessage> = {}): JobMessage {
    return {
      id: `${this.queue}-${++this.#sent}`,
      queue: this.queue,
      type: 'heavylift.job.test.case.v1',
      attempt: 1,
      suspected: 0,
      release: 0,
      headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
      body: Buffer.from(JSON.stringify({ number: this.#sent })),
      ...overrides,
    };
  }

  /** Sends `count` jobs at once and answers with their ids. */
  async send(client: Transport, count: number, overrides: Partial<JobMessage> = {}): Promise<string[]> {
    const messages = Array.from({ length: count }, () => this.message(overrides));
    await Promise.all(messages.map((message) => client.send(message)));
    return messages.map((message) => message.id);
  }

  /** Sends until it is accepted, as an outbox does. Refusals must be {@link TransportError}s. */
  async sendStubbornly(client: Transport, message: JobMessage): Promise<void> {
    const deadline = performance.now() + this.patienceMs;
    for (;;) {
      try {
        return await client.send(message);
      } catch (error) {
        if (!(error instanceof TransportError) || performance.now() > deadline) throw error;
      }
      await pause(100);
    }
  }

  /** A gate that opens at the end of the case at the latest. */
  gate(): Gate {
    const gate = new Gate();
    this.#gates.push(gate);
    return gate;
  }

  /** A topic of this case alone. */
  topic(kind = 'succeeded'): string {
    return `${kind}.${this.queue}`;
  }

  /** A name for a group that no other case has. */
  get group(): string {
    return this.queue.replace('.', '-');
  }

  /** Records events of this case; `accept` may reject a batch, or take its time. */
  collectEvents(accept: (bodies: readonly string[]) => Promise<void> = async () => {}): EventRecorder {
    return new EventRecorder(this.queue, accept);
  }

  /** Publishes `first` to `last` as bodies, one after the other. */
  async publish(client: Transport, first: number, last: number): Promise<void> {
    for (let n = first; n <= last; n++) await client.publish(this.topic(), Buffer.from(String(n)));
  }

  eventually<T>(assertion: () => T | Promise<T>, timeoutMs = this.timeoutMs): Promise<T> {
    return eventually(assertion, timeoutMs);
  }

  /** How long to wait where a lease must run out, or clients must find the broker again. */
  get patienceMs(): number {
    return this.timeoutMs + 20_000 + 3 * this.leaseMs;
  }

  async crash(client: Transport): Promise<void> {
    if (!this.#harness.crash) throw this.#unable('crash');
    await this.#harness.crash(client);
  }

  async disconnect(): Promise<void> {
    if (!this.#harness.disconnect) throw this.#unable('disconnect');
    await this.#harness.disconnect();
  }

  async restart(): Promise<void> {
    if (!this.#harness.restart) throw this.#unable('restart');
    await this.#harness.restart();
  }

  /** Crashed clients too: `close` must end although the broker cannot be reached. */
  async close(): Promise<void> {
    for (const gate of this.#gates) gate.open();
    await Promise.all(this.#clients.map((client) => closeInTime(client)));
  }

  #unable(ability: string): Error {
    return new Error(
      `the harness of "${this.#harness.name}" has no ${ability}(); add it, or skip the case with a reason`,
    );
  }
}

async function closeInTime(client: Transport): Promise<void> {
  const done = new AbortController();
  const late = pause(closeTimeoutMs, 'late', { signal: done.signal });
  const outcome = await Promise.race([client.close(), late]).finally(() => done.abort());
  if (outcome === 'late')
    throw new Error(`close() of "${client.name}" did not end within ${closeTimeoutMs / 1_000} s`);
}

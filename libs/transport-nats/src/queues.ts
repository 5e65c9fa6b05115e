import { type QueueSpec, TransportError } from '@heavylift/core';
import type { ConsumerInfo } from 'nats';
import type { Connection } from './connection.js';
import type { Declarations } from './declarations.js';
import { apiErrorOf, apiErrors } from './failures.js';
import { deadLettersIn, durableOf, jobsStream, jobSubject, queueConsumer } from './streams.js';

const answerMs = 5_000;

/** The queues that this client knows, each with the name under which its dead letters lie: those it declares, and those it found. */
export class Queues {
  readonly #connection: Connection;
  readonly #declarations: Declarations;
  readonly #ackWaitMs: number;
  readonly #deadLetters = new Map<string, string>();

  constructor(connection: Connection, declarations: Declarations, ackWaitMs: number) {
    this.#connection = connection;
    this.#declarations = declarations;
    this.#ackWaitMs = ackWaitMs;
  }

  /** Declares the queue at the next connect, and from then on after each one. */
  add({ name, deadLetters = name }: QueueSpec): void {
    this.#deadLetters.set(name, deadLetters);
    this.#declarations.add(queueConsumer(name, deadLetters, this.#ackWaitMs));
  }

  /**
   * The jobs stream takes every subject, so that only a consumer tells whether somebody would ever take the job.
   * @throws {TransportError} `broker.unroutable` when nobody declared the queue
   */
  async assertRoutable(queue: string): Promise<void> {
    if (!(await this.#known(queue)))
      throw new TransportError(
        'broker.unroutable',
        `queue "${queue}" does not exist on NATS; name it in connect()`,
      );
  }

  /** The name under which the dead letters of a queue lie: its own when the queue is gone, as nobody can say any more. */
  async deadLettersOf(queue: string): Promise<string> {
    return (await this.#known(queue)) ?? queue;
  }

  async #known(queue: string): Promise<string | undefined> {
    const known = this.#deadLetters.get(queue);
    if (known !== undefined) return known;
    const config = (await this.#infoOf(queue))?.config;
    if (config?.filter_subject !== jobSubject(queue)) return undefined;
    const deadLetters = deadLettersIn(config) ?? queue;
    this.add({ name: queue, deadLetters });
    return deadLetters;
  }

  async #infoOf(queue: string): Promise<ConsumerInfo | undefined> {
    const durable = durableOf(queue);
    // The client would refuse such a name by an error of its own.
    if (!/^[\w-]+$/.test(durable)) return undefined;
    const { jsm } = await this.#connection.session(answerMs);
    const asked = jsm.consumers.info(jobsStream.name, durable).catch(absent);
    return this.#connection.ask(`find queue ${queue}`, asked);
  }
}

function absent(error: unknown): undefined {
  const missing: (number | undefined)[] = [apiErrors.consumerNotFound, apiErrors.streamNotFound];
  if (!missing.includes(apiErrorOf(error))) throw error;
}

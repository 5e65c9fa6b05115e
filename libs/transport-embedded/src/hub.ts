import { randomUUID } from 'node:crypto';
import { type QueueSpec, TransportError } from '@heavylift/core';
import { EmbeddedDeadLetters } from './dead-letters.js';
import { Delays } from './delays.js';
import { EmbeddedEvents } from './events.js';
import { EmbeddedQueue } from './queue.js';
import { EmbeddedSignals } from './signals.js';

/** The memory that embedded transports share: what a broker is for the others. It ends with its process. */
export class EmbeddedHub {
  /** New for each hub: what was sent to another one is not here. */
  readonly keeper = `embedded:${randomUUID()}`;
  readonly events = new EmbeddedEvents();
  readonly signals = new EmbeddedSignals();
  readonly #delays = new Delays();
  readonly #queues = new Map<string, EmbeddedQueue>();
  /** By the name of the queue that they are kept under. */
  readonly #dead = new Map<string, EmbeddedDeadLetters>();

  /** What is declared already stays as it is. */
  declare({ name, deadLetters = name }: QueueSpec): void {
    if (this.#queues.has(name)) return;
    this.#placeFor(name);
    this.#queues.set(name, new EmbeddedQueue(name, this.#delays, this.#placeFor(deadLetters)));
  }

  /** @throws {TransportError} when nobody declared the queue */
  queue(name: string): EmbeddedQueue {
    const queue = this.#queues.get(name);
    if (!queue) throw undeclared(name);
    return queue;
  }

  /**
   * The dead letters that are kept under a queue's name.
   * @throws {TransportError} when nobody declared the queue
   */
  deadLetters(name: string): EmbeddedDeadLetters {
    const place = this.#dead.get(name);
    if (!place) throw undeclared(name);
    return place;
  }

  /** Ends its timers: what is delayed now will not come. Call it once all of its transports are closed. */
  close(): void {
    this.#delays.close();
  }

  #placeFor(name: string): EmbeddedDeadLetters {
    const place = this.#dead.get(name) ?? new EmbeddedDeadLetters();
    this.#dead.set(name, place);
    return place;
  }
}

function undeclared(queue: string): TransportError {
  return new TransportError(
    'broker.unroutable',
    `queue "${queue}" is not declared; name it in connect() first`,
  );
}

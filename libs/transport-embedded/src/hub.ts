import { randomUUID } from 'node:crypto';
import { TransportError } from '@heavylift/core';
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

  declare(name: string): void {
    if (!this.#queues.has(name)) this.#queues.set(name, new EmbeddedQueue(this.#delays));
  }

  /** @throws {TransportError} when nobody declared the queue */
  queue(name: string): EmbeddedQueue {
    const queue = this.#queues.get(name);
    if (queue) return queue;
    throw new TransportError(
      'broker.unroutable',
      `queue "${name}" is not declared; name it in connect() first`,
    );
  }

  /** Ends its timers: what is delayed now will not come. Call it once all of its transports are closed. */
  close(): void {
    this.#delays.close();
  }
}

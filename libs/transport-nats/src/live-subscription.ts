import type { Consumption, Listener, TransportError, TransportEvent } from '@heavylift/core';
import type { Msg, NatsConnection, Subscription } from 'nats';
import { eventOf } from './events.js';
import { stoppedError, toTransportError } from './failures.js';
import { allEvents } from './streams.js';

/** A listener that falls further behind loses the oldest events: live is at most once, and memory is not endless. */
const mostWaiting = 10_000;
const largestBatch = 256;

/** Hands events on as they are published, at most once. */
export class LiveSubscription implements Consumption {
  readonly #listener: Listener;
  readonly #warn: (error: TransportError) => void;
  readonly #subscription: Subscription;
  #waiting: TransportEvent[] = [];
  #handing: Promise<void> | undefined;

  constructor(nc: NatsConnection, listener: Listener, warn: (error: TransportError) => void) {
    this.#listener = listener;
    this.#warn = warn;
    this.#subscription = nc.subscribe(allEvents, {
      callback: (error, message) => this.#hear(error, message),
    });
  }

  async check(): Promise<void> {
    if (this.#subscription.isClosed()) throw stoppedError();
  }

  async stop(): Promise<void> {
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
    this.#waiting = [];
    await this.#handing;
  }

  #hear(error: Error | null, message: Msg): void {
    if (error) return this.#warn(toTransportError(error, `listen to ${allEvents}`));
    this.#waiting.push(eventOf(message));
    // By a tenth at a time: to drop one by one would copy the whole list for each event.
    if (this.#waiting.length > mostWaiting) this.#waiting = this.#waiting.slice(mostWaiting / 10);
    this.#handing ??= this.#handOn().finally(() => (this.#handing = undefined));
  }

  async #handOn(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, largestBatch);
      try {
        await this.#listener(batch);
      } catch (error) {
        this.#warn(
          toTransportError(error, `hand ${batch.length} live events on; they are lost to this listener`),
        );
      }
    }
  }
}

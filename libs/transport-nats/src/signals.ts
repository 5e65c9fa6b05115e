import type { Consumption, TransportError } from '@heavylift/core';
import type { Msg, NatsConnection, Subscription } from 'nats';
import { stoppedError, toTransportError } from './failures.js';
import { controlSubject } from './streams.js';

/** Resolves once the server has the signal. */
export async function emit(nc: NatsConnection, body: Uint8Array): Promise<void> {
  nc.publish(controlSubject, body);
  await nc.flush();
}

/** Hands signals on while it lasts; the client subscribes again by itself after a reconnect. */
export class SignalSubscription implements Consumption {
  readonly #subscription: Subscription;

  constructor(
    nc: NatsConnection,
    listener: (body: Uint8Array) => void,
    warn: (error: TransportError) => void,
  ) {
    const hear = (error: Error | null, message: Msg): void => {
      try {
        if (error) throw error;
        listener(new Uint8Array(message.data));
      } catch (failure) {
        // It would otherwise end the reading of the socket.
        warn(toTransportError(failure, 'hand a signal on'));
      }
    };
    this.#subscription = nc.subscribe(controlSubject, { callback: hear });
  }

  async check(): Promise<void> {
    if (this.#subscription.isClosed()) throw stoppedError();
  }

  async stop(): Promise<void> {
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }
}

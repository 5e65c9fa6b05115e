import type { Consumption } from '@heavylift/core';
import { reportFailure } from './failure.js';

type SignalListener = (body: Uint8Array) => void;

/** Tells everyone who listens now. */
export class EmbeddedSignals {
  readonly #listeners = new Set<{ readonly tell: SignalListener }>();

  send(body: Uint8Array): void {
    for (const listener of this.#listeners) setImmediate(() => this.#tell(listener, body));
  }

  listen(tell: SignalListener): Pick<Consumption, 'stop'> {
    const listener = { tell };
    this.#listeners.add(listener);
    const stop = async (): Promise<void> => void this.#listeners.delete(listener);
    return { stop };
  }

  #tell(listener: { readonly tell: SignalListener }, body: Uint8Array): void {
    if (!this.#listeners.has(listener)) return;
    try {
      listener.tell(body);
    } catch (error) {
      reportFailure('a listener of signals threw', error);
    }
  }
}

import type { Connection } from './connection.js';
import type { World } from './world.js';

export type SignalListener = (body: Uint8Array) => void;

/** Signals, to whoever is connected now: what a listener misses never comes again. */
export class SignalLane {
  readonly #world: World;
  readonly #listeners = new Map<Connection, SignalListener>();

  constructor(world: World) {
    this.#world = world;
  }

  tell(body: Uint8Array): void {
    for (const [connection, listener] of this.#listeners) this.#hand(connection, listener, body);
  }

  join(connection: Connection, listener: SignalListener): void {
    this.#listeners.set(connection, listener);
  }

  leave(connection: Connection): void {
    this.#listeners.delete(connection);
  }

  wipe(): void {
    this.#listeners.clear();
  }

  #hand({ process }: Connection, listener: SignalListener, body: Uint8Array): void {
    const { faults, time } = this.#world;
    const fault = faults.atHearing();
    if (fault) return this.#world.note(`${process.name} ! ${fault.kind}`);
    const arrive = (): void => {
      if (process.cutUntil <= time.now) listener(body);
    };
    time.after(this.#world.latencyMs('hear'), arrive, process);
  }
}

import { pause } from '@heavylift/core';

/** Others may be quicker: how long nothing comes before a window is taken for as full as it gets. */
const idleMs = 50;

/** Waits until the windows of consumers are full, or nothing has come for a while. */
export class Filling {
  #left = 0;
  #stir = new AbortController();
  #givenUp = false;

  arrived(): void {
    this.#left--;
    this.#stir.abort(null);
  }

  /** Waits no longer. */
  giveUp(): void {
    this.#givenUp = true;
    this.#stir.abort(null);
  }

  /** So many more are to arrive. */
  expect(count: number): void {
    this.#left = count;
  }

  async done(): Promise<void> {
    while (this.#left > 0 && !this.#givenUp) {
      this.#stir = new AbortController();
      const before = this.#left;
      await pause(idleMs, this.#stir.signal);
      if (this.#left === before) return;
    }
  }
}

import type { Allowance } from '@heavylift/core';

/** Limits that a case changes while jobs run. */
export class Adjustable implements Allowance {
  readonly #rooms = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #concurrency: number;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(value: number) {
    this.#concurrency = value;
    this.#changed();
  }

  room(queue: string): number {
    return this.#rooms.get(queue) ?? Infinity;
  }

  setRoom(queue: string, room: number): void {
    this.#rooms.set(queue, room);
    this.#changed();
  }

  /** To be called first by a `process`. */
  started(queue: string): void {
    this.#rooms.set(queue, this.room(queue) - 1);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

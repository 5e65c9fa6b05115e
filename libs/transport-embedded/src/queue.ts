import { type JobMessage, type QueueDepth, sendingId, settledAs, type Settlement } from '@heavylift/core';
import type { EmbeddedDeadLetters } from './dead-letters.js';
import type { Delays } from './delays.js';
import { Deque } from './deque.js';

/** One queue in memory. */
export class EmbeddedQueue {
  readonly name: string;
  readonly #delays: Delays;
  readonly #dead: EmbeddedDeadLetters;
  readonly #ready = new Deque<JobMessage>();
  /** Sending ids of what waits, is delayed or is in flight: a second send of it is dropped. */
  readonly #known = new Set<string>();
  readonly #watchers = new Set<() => void>();
  #inFlight = 0;

  /** `dead`: where its dead letters lie. */
  constructor(name: string, delays: Delays, dead: EmbeddedDeadLetters) {
    this.name = name;
    this.#delays = delays;
    this.#dead = dead;
  }

  /** Takes a job in, unless the same sending is here already. */
  add(message: JobMessage, delayMs = 0): void {
    const id = sendingId(message);
    if (this.#known.has(id)) return;
    this.#known.add(id);
    if (delayMs > 0) this.#delays.after(delayMs, () => this.#makeReady(message));
    else this.#makeReady(message);
  }

  /** The next job, which is in flight from now on. Each is to be settled once. */
  take(): JobMessage | undefined {
    const message = this.#ready.shift();
    if (message) this.#inFlight++;
    return message;
  }

  settle(message: JobMessage, settlement: Settlement): void {
    if (settlement.kind !== 'complete') this.#follow(settledAs(message, settlement), settlement);
    this.#known.delete(sendingId(message));
    this.#inFlight--;
  }

  get depth(): QueueDepth {
    return { ready: this.#ready.size, inFlight: this.#inFlight, deadLettered: this.#dead.size };
  }

  /** Calls `watcher` whenever a job became ready; answers with how to end that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #follow(next: JobMessage, settlement: Exclude<Settlement, { kind: 'complete' }>): void {
    if (settlement.kind !== 'deadLetter') return this.add(next, settlement.delayMs);
    const { reason, detail } = settlement;
    const at = new Date().toISOString();
    this.#dead.bury({ message: next, reason, at, ...(detail === undefined ? {} : { detail }) });
  }

  #makeReady(message: JobMessage): void {
    this.#ready.push(message);
    for (const watcher of this.#watchers) watcher();
  }
}

import { type JobMessage, type QueueDepth, sendingId, settledAs, type Settlement } from '@heavylift/core';
import type { EmbeddedDeadLetters } from './dead-letters.js';
import type { Delays } from './delays.js';
import type { Held } from './packed-jobs.js';
import { WaitingLine } from './waiting-line.js';

/** One queue in memory. */
export class EmbeddedQueue {
  readonly name: string;
  readonly #delays: Delays;
  readonly #dead: EmbeddedDeadLetters;
  readonly #ready = new WaitingLine();
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
    const sending = sendingId(message);
    if (this.#known.has(sending)) return;
    this.#known.add(sending);
    const held = { message, sending };
    if (delayMs > 0) this.#delays.after(delayMs, () => this.#makeReady(held));
    else this.#makeReady(held);
  }

  /** The next job, which is in flight from now on. Each is to be settled once. */
  take(): Held | undefined {
    const held = this.#ready.shift();
    if (held) this.#inFlight++;
    return held;
  }

  settle({ message, sending }: Held, settlement: Settlement): void {
    if (settlement.kind !== 'complete') this.#follow(settledAs(message, settlement), settlement);
    this.#known.delete(sending);
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

  #makeReady(held: Held): void {
    this.#ready.push(held);
    for (const watcher of this.#watchers) watcher();
  }
}

import {
  type DeadLetter,
  type JobMessage,
  nextAttempt,
  type QueueDepth,
  released,
  sendingId,
  type Settlement,
} from '@heavylift/core';
import type { Delays } from './delays.js';
import { Deque } from './deque.js';

/** One queue in memory, with its dead letters. */
export class EmbeddedQueue {
  readonly #delays: Delays;
  readonly #ready = new Deque<JobMessage>();
  /** Sending ids of what waits, is delayed or is in flight: a second send of it is dropped. */
  readonly #known = new Set<string>();
  /** By job id; a map keeps the order of its entries, so the oldest is the first. */
  readonly #dead = new Map<string, DeadLetter>();
  readonly #watchers = new Set<() => void>();
  #inFlight = 0;

  constructor(delays: Delays) {
    this.#delays = delays;
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
    this.#follow(message, settlement);
    this.#known.delete(sendingId(message));
    this.#inFlight--;
  }

  /** Releases after a pause, for a process that throws each time would otherwise spin. */
  releaseAfter(message: JobMessage, delayMs: number): void {
    this.add(released(message), delayMs);
    this.settle(message, { kind: 'complete' });
  }

  deadLetters(limit: number): DeadLetter[] {
    return [...this.#dead.values()].slice(0, Math.max(0, limit));
  }

  redrive(ids: readonly string[]): number {
    const found = [...new Set(ids)].flatMap((id) => this.#dead.get(id) ?? []);
    for (const { message } of found) {
      this.#dead.delete(message.id);
      this.add(nextAttempt(message));
    }
    return found.length;
  }

  get depth(): QueueDepth {
    return { ready: this.#ready.size, inFlight: this.#inFlight, deadLettered: this.#dead.size };
  }

  /** Calls `watcher` whenever a job became ready; answers with how to end that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #follow(message: JobMessage, settlement: Settlement): void {
    if (settlement.kind === 'retry') this.add(nextAttempt(message), settlement.delayMs);
    if (settlement.kind === 'release') this.add(released(message));
    if (settlement.kind === 'deadLetter') this.#bury(message, settlement.reason, settlement.detail);
  }

  #bury(message: JobMessage, reason: string, detail: string | undefined): void {
    const at = new Date().toISOString();
    this.#dead.delete(message.id);
    this.#dead.set(message.id, { message, reason, at, ...(detail === undefined ? {} : { detail }) });
  }

  #makeReady(message: JobMessage): void {
    this.#ready.push(message);
    for (const watcher of this.#watchers) watcher();
  }
}

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Consumption, Listener, TransportEvent } from '@heavylift/core';
import { Deque } from './deque.js';
import { reportFailure } from './failure.js';

const largestBatch = 256;
const pauseAfterRejectionMs = 100;
/** A live listener that is this far behind misses the oldest, so that it cannot fill the memory. */
const longestLive = 100_000;

interface Waiting {
  readonly event: TransportEvent;
  /** Told once a listener has taken it. */
  readonly taken: (() => void) | undefined;
}

interface Member {
  readonly listener: Listener;
  /** The batch that it has in hand. */
  inHand: Promise<boolean> | undefined;
}

/** Events in their order, handed in batches to the members in turn, one batch at a time. */
export class EventFeed {
  readonly #name: string;
  readonly #again: boolean;
  readonly #waiting = new Deque<Waiting>();
  #members: readonly Member[] = [];
  #batch: readonly Waiting[] = [];
  #turn = 0;
  #pumping = false;

  /** With `again`, a batch whose listener rejects comes again; without, it is spent. */
  constructor(name: string, again: boolean) {
    this.#name = name;
    this.#again = again;
  }

  /** `taken` is called once a listener has accepted the event. */
  push(event: TransportEvent, taken?: () => void): void {
    if (!this.#again && this.#waiting.size >= longestLive) this.#waiting.shift();
    this.#waiting.push({ event, taken });
    this.#wake();
  }

  join(listener: Listener): Pick<Consumption, 'stop'> {
    const member: Member = { listener, inHand: undefined };
    this.#members = [...this.#members, member];
    this.#wake();
    return { stop: () => this.#leave(member) };
  }

  async #leave(member: Member): Promise<void> {
    if (this.#again && this.#members.length === 1) await this.#empty(member);
    this.#members = this.#members.filter((other) => other !== member);
    await member.inHand;
  }

  /** The memory forgets when its process ends, so the last of a group takes along what was published before, unless it refuses. */
  async #empty(last: Member): Promise<void> {
    while (this.#waiting.size > 0 || this.#batch.length > 0) {
      if (last.inHand && !(await last.inHand)) return;
      await nextTurn();
    }
  }

  #wake(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#pump();
  }

  /** Never rejects. Ends when nothing waits or nobody listens; a push or a join begins it anew. */
  async #pump(): Promise<void> {
    for (;;) {
      await nextTurn();
      const member = this.#members[this.#turn++ % Math.max(1, this.#members.length)];
      if (this.#batch.length === 0) this.#batch = member ? this.#waiting.take(largestBatch) : [];
      if (!member || this.#batch.length === 0) break;
      member.inHand = this.#hand(member.listener, this.#batch);
      const accepted = await member.inHand;
      member.inHand = undefined;
      if (accepted || !this.#again) this.#batch = [];
      else await pause(pauseAfterRejectionMs);
    }
    this.#pumping = false;
  }

  async #hand(listener: Listener, batch: readonly Waiting[]): Promise<boolean> {
    try {
      await listener(batch.map(({ event }) => event));
      for (const { taken } of batch) taken?.();
      return true;
    } catch (error) {
      reportFailure(`a listener of ${this.#name} rejected a batch of ${batch.length} events`, error);
      return false;
    }
  }
}

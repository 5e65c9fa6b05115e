import { nextTick } from 'node:process';
import type { SeededRandom } from './seeded-random.js';
import { SimProcess } from './sim-process.js';

// Taken once: in a sandboxed realm each look at a global is slow.
const { max } = Math;
const NewPromise = Promise;
/** Some moment, so that dates look like dates. */
export const beginning = Date.UTC(2030, 0, 1);

/** A timer, or a message on its way. */
export class Pending {
  cancelled = false;

  constructor(
    readonly at: number,
    readonly tie: number,
    readonly run: () => unknown,
    readonly process: SimProcess | undefined,
  ) {}

  unref(): this {
    return this;
  }
}

/** A clock that jumps from event to event. What falls on one moment comes in an order of chance. */
export class VirtualTime {
  readonly #ties: SeededRandom;
  /** The next one is the last. */
  readonly #pending: Pending[] = [];
  #now = beginning;
  steps = 0;

  constructor(random: SeededRandom) {
    this.#ties = random.named('ties');
  }

  get now(): number {
    return this.#now;
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.#now - beginning;
  }

  /** `process` is who runs it; by default, who asks. */
  after(ms: number, run: () => unknown, process = SimProcess.running): Pending {
    return this.#add(this.#now + max(0, ms || 0), run, process);
  }

  /** For what a server does, or what happens to a process. */
  outside(ms: number, run: () => unknown): Pending {
    return this.#add(this.#now + ms, run, undefined);
  }

  /** Lets the next event happen, and all that follows from it without time passing. False when there is none. */
  async step(): Promise<boolean> {
    const next = this.#pending.pop();
    if (!next) return false;
    this.#now = max(this.#now, next.at);
    if (next.cancelled) return true;
    const { process } = next;
    if (process && !process.alive) return true;
    if (process && process.pausedUntil > this.#now) {
      this.#requeue(next, process.pausedUntil);
      return true;
    }
    this.steps++;
    if (process) process.run(next.run);
    else SimProcess.outside(next.run);
    // All that follows without time passing are microtasks, which run before the next tick; a turn of the event loop would cost far more.
    await new NewPromise<void>(nextTick);
    return true;
  }

  #add(at: number, run: () => unknown, process: SimProcess | undefined): Pending {
    const pending = new Pending(at, this.#ties.next(), run, process);
    this.#insert(pending);
    return pending;
  }

  /** The handle that its owner may cancel stays the one that he has. */
  #requeue(pending: Pending, at: number): void {
    this.#insert(
      new Pending(at, pending.tie, () => (pending.cancelled ? undefined : pending.run()), pending.process),
    );
  }

  #insert(pending: Pending): void {
    let low = 0;
    let high = this.#pending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isLater(this.#pending[middle]!, pending)) low = middle + 1;
      else high = middle;
    }
    this.#pending.splice(low, 0, pending);
  }
}

function isLater(one: Pending, other: Pending): boolean {
  return one.at === other.at ? one.tie > other.tie : one.at > other.at;
}

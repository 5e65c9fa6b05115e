import {
  type Allowance,
  allowanceOf,
  type Consumption,
  type Delivery,
  type JobMessage,
  type Process,
  Turns,
} from '@heavylift/core';
import { reportFailure } from './failure.js';
import type { Held } from './packed-jobs.js';
import type { EmbeddedQueue } from './queue.js';

const pauseAfterThrowMs = 100;

/** Fills slots from several queues, tier by tier. */
export class Slots implements Pick<Consumption, 'stop'> {
  readonly #turns: Turns<EmbeddedQueue>;
  readonly #allowance: Allowance;
  readonly #process: Process;
  readonly #unwatch: readonly (() => void)[];
  #inHand = 0;
  #next: NodeJS.Immediate | undefined;
  #stopped = false;
  /** Called when nothing is in hand any more. */
  #emptied: () => void = () => {};
  #empty: Promise<void> | undefined;

  constructor(
    tiers: readonly (readonly EmbeddedQueue[])[],
    concurrency: number | Allowance,
    process: Process,
  ) {
    this.#turns = new Turns(tiers);
    this.#allowance = allowanceOf(concurrency);
    this.#process = process;
    const wake = (): void => this.#wake();
    this.#unwatch = [...tiers.flat().map((queue) => queue.watch(wake)), this.#allowance.onChange(wake)];
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearImmediate(this.#next);
    for (const unwatch of this.#unwatch) unwatch();
    this.#empty ??= new Promise((resolve) => (this.#emptied = resolve));
    if (this.#inHand === 0) this.#emptied();
    await this.#empty;
  }

  /** Never starts a job within the call that made it ready: a sender does not run its consumer. */
  #wake(): void {
    if (this.#stopped || this.#next || !this.#hasSlot) return;
    this.#next = setImmediate(() => {
      this.#next = undefined;
      this.#fill();
    });
  }

  #fill(): void {
    while (!this.#stopped && this.#hasSlot) {
      const started = this.#startNext();
      if (!started) return;
    }
  }

  get #hasSlot(): boolean {
    return this.#inHand < this.#allowance.concurrency;
  }

  #startNext(): boolean {
    for (const queue of this.#turns.next()) {
      const held = this.#allowance.room(queue.name) > 0 ? queue.take() : undefined;
      if (!held) continue;
      this.#inHand += 1;
      void this.#run(queue, held);
      return true;
    }
    return false;
  }

  /** Never rejects. */
  async #run(queue: EmbeddedQueue, held: Held): Promise<void> {
    try {
      queue.settle(held, await this.#process(deliveryOf(held.message)));
    } catch (error) {
      reportFailure(`job "${held.message.id}" is released, for its process threw`, error);
      // at once, a process that throws each time would spin
      queue.settle(held, { kind: 'release', delayMs: pauseAfterThrowMs });
    }
    this.#inHand -= 1;
    if (this.#stopped && this.#inHand === 0) this.#emptied();
    this.#wake();
  }
}

/** The memory has no lease: `lost` never aborts. Made for whoever asks, which few do: one for each job was a fifth of the processor time. */
function deliveryOf(message: JobMessage): Delivery {
  return {
    message,
    get lost() {
      return new AbortController().signal;
    },
  };
}

import {
  type Allowance,
  allowanceOf,
  type Consumption,
  type JobMessage,
  type Process,
  Turns,
} from '@heavylift/core';
import { reportFailure } from './failure.js';
import type { EmbeddedQueue } from './queue.js';

const pauseAfterThrowMs = 100;

/** Fills slots from several queues, tier by tier. */
export class Slots implements Pick<Consumption, 'stop'> {
  readonly #turns: Turns<EmbeddedQueue>;
  readonly #allowance: Allowance;
  readonly #process: Process;
  readonly #inHand = new Set<Promise<void>>();
  readonly #unwatch: readonly (() => void)[];
  #next: NodeJS.Immediate | undefined;
  #stopped = false;

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
    await Promise.all(this.#inHand);
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
    return this.#inHand.size < this.#allowance.concurrency;
  }

  #startNext(): boolean {
    for (const queue of this.#turns.next()) {
      const message = this.#allowance.room(queue.name) > 0 ? queue.take() : undefined;
      if (!message) continue;
      this.#start(queue, message);
      return true;
    }
    return false;
  }

  #start(queue: EmbeddedQueue, message: JobMessage): void {
    const work = this.#run(queue, message).finally(() => {
      this.#inHand.delete(work);
      this.#wake();
    });
    this.#inHand.add(work);
  }

  async #run(queue: EmbeddedQueue, message: JobMessage): Promise<void> {
    try {
      // the memory has no lease: this signal never aborts
      queue.settle(message, await this.#process({ message, lost: new AbortController().signal }));
    } catch (error) {
      reportFailure(`job "${message.id}" is released, for its process threw`, error);
      // at once, a process that throws each time would spin
      queue.settle(message, { kind: 'release', delayMs: pauseAfterThrowMs });
    }
  }
}

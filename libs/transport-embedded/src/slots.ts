import type { Consumption, JobMessage, Process } from '@heavylift/core';
import { reportFailure } from './failure.js';
import type { EmbeddedQueue } from './queue.js';

const pauseAfterThrowMs = 100;

/** Fills `concurrency` slots from several queues in turn. */
export class Slots implements Consumption {
  readonly #queues: readonly EmbeddedQueue[];
  readonly #concurrency: number;
  readonly #process: Process;
  readonly #inHand = new Set<Promise<void>>();
  readonly #unwatch: readonly (() => void)[];
  #next: NodeJS.Immediate | undefined;
  #turn = 0;
  #stopped = false;

  constructor(queues: readonly EmbeddedQueue[], concurrency: number, process: Process) {
    this.#queues = queues;
    this.#concurrency = concurrency;
    this.#process = process;
    this.#unwatch = queues.map((queue) => queue.watch(() => this.#wake()));
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
    if (this.#stopped || this.#next || this.#inHand.size >= this.#concurrency) return;
    this.#next = setImmediate(() => {
      this.#next = undefined;
      this.#fill();
    });
  }

  #fill(): void {
    while (!this.#stopped && this.#inHand.size < this.#concurrency) {
      const started = this.#startNext();
      if (!started) return;
    }
  }

  /** Asks each queue once, beginning after the one that was served last. */
  #startNext(): boolean {
    for (let asked = 0; asked < this.#queues.length; asked++) {
      const queue = this.#queues[this.#turn++ % this.#queues.length]!;
      const message = queue.take();
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
      queue.releaseAfter(message, pauseAfterThrowMs);
    }
  }
}

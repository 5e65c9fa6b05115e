import type { Delivery, JobMessage, Listener, Process, Settlement } from '@heavylift/core';

export const complete: Settlement = { kind: 'complete' };
export const release: Settlement = { kind: 'release' };

export function retry(delayMs: number): Settlement {
  return { kind: 'retry', delayMs };
}

export function die(reason: string, detail?: string): Settlement {
  return detail === undefined ? { kind: 'deadLetter', reason } : { kind: 'deadLetter', reason, detail };
}

/** Says how a delivery ends; may take its time, or throw. */
export type Settle = (delivery: Delivery) => Settlement | Promise<Settlement>;

/** Every delivery in the order of its arrival, and what is running. */
export class Recorder {
  readonly deliveries: (Delivery & { readonly atMs: number })[] = [];
  readonly process: Process;
  /** Ids of the jobs whose `process` ended, in that order. */
  readonly done: string[] = [];
  running = 0;
  /** The most that ran at a time. */
  peak = 0;

  constructor(settle: Settle) {
    this.process = async (delivery) => {
      this.deliveries.push({ message: delivery.message, lost: delivery.lost, atMs: performance.now() });
      this.peak = Math.max(this.peak, ++this.running);
      try {
        return await settle(delivery);
      } finally {
        this.running--;
        this.done.push(delivery.message.id);
      }
    };
  }

  get ids(): string[] {
    return this.deliveries.map((delivery) => delivery.message.id);
  }

  /** The attempts of a job, or of all, in the order of their arrival. */
  attempts(id?: string): number[] {
    return this.#messages(id).map((message) => message.attempt);
  }

  /** How many holders each delivery of a job, or of all, was said to have lost before. */
  suspected(id?: string): number[] {
    return this.#messages(id).map((message) => message.suspected);
  }

  /** How often each delivery of a job, or of all, was released before. */
  releases(id?: string): number[] {
    return this.#messages(id).map((message) => message.release);
  }

  #messages(id?: string): JobMessage[] {
    const messages = this.deliveries.map((delivery) => delivery.message);
    return messages.filter((message) => id === undefined || message.id === id);
  }
}

/** Records deliveries; they complete unless `settle` says otherwise. */
export function collect(settle: Settle = () => complete): Recorder {
  return new Recorder(settle);
}

/** Events of one case; those of others, which share the broker, are left out. */
export class EventRecorder {
  /** The bodies, as text, of batches that were accepted. */
  readonly accepted: string[] = [];
  readonly topics: string[] = [];
  readonly batchSizes: number[] = [];
  readonly listener: Listener;

  constructor(topicEnd: string, accept: (bodies: readonly string[]) => Promise<void>) {
    this.listener = async (batch) => {
      const own = batch.filter((event) => event.topic.endsWith(topicEnd));
      const bodies = own.map((event) => Buffer.from(event.body).toString());
      this.batchSizes.push(batch.length);
      if (own.length > 0) await accept(bodies);
      this.accepted.push(...bodies);
      this.topics.push(...own.map((event) => event.topic));
    };
  }
}

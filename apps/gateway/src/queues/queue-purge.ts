import {
  isFinal,
  type JobEvent,
  type JobStatus,
  type Logger,
  queuesOf,
  type Transport,
} from '@heavylift/core';
import { v7 as uuid } from 'uuid';
import { cancelledEvent } from '../jobs/cancelled-event.js';
import type { JobRecord, JobStore } from '../store/index.js';

export interface QueuePurgeOptions {
  readonly store: Pick<JobStore, 'list' | 'get'>;
  readonly transport: Pick<Transport, 'consume'>;
  readonly logger: Logger;
  /** Records events; answers with the jobs that got one. */
  readonly record: (events: readonly JobEvent[]) => Promise<readonly string[]>;
  /** Tells the workers of jobs that have ended. */
  readonly tellEnded: (jobs: readonly JobRecord[]) => Promise<void>;
}

const waiting: readonly JobStatus[] = ['queued', 'retrying'];
const batch = 500;
const sweptAtOnce = 100;
/** When the broker hands over nothing for so long, its queue is empty. */
const quietMs = 1_000;

/** Ends all that waits in a queue, and takes the messages of it off the broker. */
export class QueuePurge {
  readonly #options: QueuePurgeOptions;
  readonly #sweeps = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: QueuePurgeOptions) {
    this.#options = options;
  }

  /**
   * Cancels the jobs of a type that wait for a worker or for a retry, as far as they were there when it began; says how many. What runs goes on. The
   * broker's messages go after that, meanwhile a worker that gets one drops it.
   */
  async purge(jobType: string): Promise<number> {
    const before = uuid();
    let cancelled = 0;
    for (const status of waiting) cancelled += await this.#cancelAll(jobType, status, before);
    if (cancelled > 0) this.#sweepSoon(jobType);
    return cancelled;
  }

  /** Ends the sweeps; what is left on the broker is dropped by the workers. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#sweeps.values());
  }

  async #cancelAll(type: string, status: JobStatus, from: string): Promise<number> {
    let before = from;
    let cancelled = 0;
    for (;;) {
      const jobs = await this.#options.store.list({ type, status, before, limit: batch });
      if (jobs.length === 0) return cancelled;
      cancelled += await this.#cancel(jobs);
      before = jobs.at(-1)!.id;
    }
  }

  /** A job that a worker started in this very moment is not cancelled, and gets no event. */
  async #cancel(jobs: readonly JobRecord[]): Promise<number> {
    const ended = new Set(await this.#options.record(jobs.map(cancelledEvent)));
    if (ended.size > 0) await this.#options.tellEnded(jobs.filter(({ id }) => ended.has(id)));
    return ended.size;
  }

  #sweepSoon(jobType: string): void {
    const sweep = (this.#sweeps.get(jobType) ?? Promise.resolve())
      .then(async () => {
        for (const { name } of queuesOf(jobType)) await this.#sweep(name);
      })
      .catch((error: unknown) =>
        this.#options.logger.warn(
          `messages of purged jobs stay on queue "${jobType}" until a worker drops them`,
          {
            error,
          },
        ),
      );
    this.#sweeps.set(jobType, sweep);
  }

  /** Up to the first job that has not ended: that one came after the purge, and all behind it. */
  async #sweep(queue: string): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    let quiet: NodeJS.Timeout | undefined;
    let done: () => void = () => {};
    const swept = new Promise<void>((resolve) => (done = resolve));
    const wait = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(done, quietMs);
    };
    this.#stopping.signal.addEventListener('abort', done, { once: true });
    const consumption = await this.#options.transport.consume([[queue]], sweptAtOnce, async ({ message }) => {
      wait();
      const job = await this.#options.store.get(message.id);
      if (job && isFinal(job.status)) return { kind: 'complete' };
      done();
      return { kind: 'release' };
    });
    wait();
    await swept;
    clearTimeout(quiet);
    this.#stopping.signal.removeEventListener('abort', done);
    await consumption.stop();
  }
}

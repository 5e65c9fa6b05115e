import { isFinal, type JobStatus, type Logger, queuesOf, type Transport } from '@heavylift/core';
import { cancelMany, type CancelManyOptions } from '../jobs/cancel-many.js';
import type { JobStore } from '../store/index.js';

export interface QueuePurgeOptions extends CancelManyOptions {
  readonly store: Pick<JobStore, 'list' | 'get'>;
  readonly transport: Pick<Transport, 'consume'>;
  readonly logger: Logger;
}

const waiting: readonly JobStatus[] = ['queued', 'retrying'];
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
    const cancelled = await cancelMany(this.#options, { type: jobType }, waiting);
    if (cancelled > 0) this.#sweepSoon(jobType);
    return cancelled;
  }

  /** Ends the sweeps; what is left on the broker is dropped by the workers. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#sweeps.values());
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

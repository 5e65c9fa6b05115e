import type { Logger, QueueOrder, Signal } from '@heavylift/core';
import { SparingLog } from '../dispatch/sparing-log.js';
import type { ControlStore, QueueSettings } from '../store/index.js';
import { does, isTaking, type SeenWorker } from '../workers/worker-register.js';

export interface QueueOrdersOptions {
  readonly store: Pick<ControlStore, 'queueSettings'>;
  readonly workers: () => Promise<readonly SeenWorker[]>;
  /** Rejects when nobody can be told now. */
  readonly send: (signal: Signal) => Promise<void>;
  readonly logger: Logger;
}

const everyMs = 10_000;

/** Tells the workers what is ordered of the queues: at each change, and every 10 seconds, so that a signal that was lost is made up for. */
export class QueueOrders {
  readonly #options: QueueOrdersOptions;
  readonly #log: SparingLog;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(options: QueueOrdersOptions) {
    this.#options = options;
    this.#log = new SparingLog(options.logger, 60_000);
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.tell(), everyMs);
    void this.tell();
  }

  /** Tells what holds now; one word after the other, so that the last one is the latest. Never rejects. */
  tell(): Promise<void> {
    this.#next ??= this.#telling.then(() => {
      this.#next = undefined;
      this.#telling = this.#tell();
      return this.#telling;
    });
    return this.#next;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#next;
    await this.#telling;
  }

  async #tell(): Promise<void> {
    const { store, workers, send } = this.#options;
    try {
      const settings = await store.queueSettings();
      const fleet = settings.some(({ perMinute }) => perMinute !== null) ? await workers() : [];
      await send({ kind: 'queues', queues: settings.map((each) => orderOf(each, fleet)) });
    } catch (error) {
      this.#log.warn('workers were not told what is ordered of the queues', { error });
    }
  }
}

/** A rate holds for all workers together: each that takes the job type gets the same share. */
function orderOf({ name, paused, perMinute }: QueueSettings, fleet: readonly SeenWorker[]): QueueOrder {
  const sharers = fleet.filter(isTaking).filter(does(name)).length;
  return { name, paused, ...(perMinute === null ? {} : { perMinute: perMinute / Math.max(1, sharers) }) };
}

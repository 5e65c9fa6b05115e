import type { Logger, Presence } from '@heavylift/core';
import type { ControlStore, KnownWorker } from '../store/index.js';

export interface WorkerRegisterOptions {
  readonly store: Pick<ControlStore, 'saveWorkers' | 'workers' | 'forgetWorkers'>;
  readonly logger: Logger;
  /** Hears when a worker came, went, or takes jobs or takes none from now on. */
  readonly onFleetChange?: () => void;
  /** Default: `Date.now`. */
  readonly now?: () => number;
}

export type WorkerStatus = Presence['state'] | 'lost';

/** A worker and what is to be thought of it now. */
export interface SeenWorker extends KnownWorker {
  readonly status: WorkerStatus;
  /** It was heard just now, or may not have had the time to speak: jobs can be expected to go to it. */
  readonly isPresent: boolean;
}

/** Workers speak every 5 seconds: who was not heard for so long is lost. */
const lostAfterMs = 25_000;
/** Two words were missed: nothing is to be expected of it any more. */
const presentForMs = 12_000;
const saveEveryMs = 2_000;
const keepLostMs = 24 * 3_600_000;
const keepStoppedMs = 3_600_000;

/**
 * Knows the workers by what they say. Every gateway hears all of them; what they said last is kept in the store, so that one that was away
 * knows them too.
 */
export class WorkerRegister {
  readonly #options: WorkerRegisterOptions;
  readonly #now: () => number;
  readonly #heard = new Map<string, KnownWorker>();
  readonly #unsaved = new Set<string>();
  readonly #waiting = new Set<(presence: Presence) => void>();
  readonly #listeningSince: number;
  #saving: NodeJS.Timeout | undefined;

  constructor(options: WorkerRegisterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#listeningSince = this.#now();
  }

  hear(presence: Presence): void {
    const known = this.#heard.get(presence.name);
    this.#heard.set(presence.name, { presence, seenAt: this.#now() });
    this.#unsaved.add(presence.name);
    this.#saving ??= setTimeout(() => void this.#save(), saveEveryMs);
    for (const hear of this.#waiting) hear(presence);
    if (known?.presence.state !== presence.state) this.#options.onFleetChange?.();
  }

  /** All that are known, those that were lost or stopped lately included; by name. */
  async all(): Promise<SeenWorker[]> {
    const latest = new Map(this.#heard);
    for (const stored of await this.#options.store.workers()) {
      const heard = latest.get(stored.presence.name);
      if (!heard || heard.presence.at < stored.presence.at) latest.set(stored.presence.name, stored);
    }
    return [...latest.values()]
      .filter((worker) => this.#now() - worker.seenAt < this.#keptMs(worker))
      .map((worker) => this.#seen(worker))
      .toSorted((a, b) => (a.presence.name < b.presence.name ? -1 : 1));
  }

  async get(name: string): Promise<SeenWorker | undefined> {
    return (await this.all()).find(({ presence }) => presence.name === name);
  }

  /** True once the worker says that it follows the order; false when it does not within `limitMs`. To be called before the order is sent. */
  follows(name: string, order: string, limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const hear = (presence: Presence): void => {
        if (presence.name === name && presence.order === order) done(true);
      };
      const done = (followed: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(hear);
        resolve(followed);
      };
      const timer = setTimeout(() => done(false), limitMs);
      this.#waiting.add(hear);
    });
  }

  /** Forgets those that have been gone for long; says how many. */
  async forget(): Promise<number> {
    for (const [name, worker] of this.#heard)
      if (this.#now() - worker.seenAt >= this.#keptMs(worker)) this.#heard.delete(name);
    return this.#options.store.forgetWorkers(this.#now() - keepLostMs);
  }

  /** Saves what is not saved yet. */
  async close(): Promise<void> {
    clearTimeout(this.#saving);
    await this.#save();
  }

  #keptMs({ presence }: KnownWorker): number {
    return presence.state === 'stopped' ? keepStoppedMs : keepLostMs;
  }

  /** A gateway that has just begun has heard nobody yet, and takes nobody's silence for anything. */
  #seen(worker: KnownWorker): SeenWorker {
    const { state } = worker.presence;
    if (state === 'stopped') return { ...worker, status: state, isPresent: false };
    const silentMs = this.#now() - worker.seenAt;
    const isNew = this.#now() - this.#listeningSince <= presentForMs;
    const status = silentMs > lostAfterMs && !isNew ? 'lost' : state;
    return { ...worker, status, isPresent: silentMs <= presentForMs || isNew };
  }

  async #save(): Promise<void> {
    this.#saving = undefined;
    const names = [...this.#unsaved];
    this.#unsaved.clear();
    try {
      await this.#options.store.saveWorkers(names.map((name) => this.#heard.get(name)!));
    } catch (error) {
      // They speak again in seconds, and are saved then.
      this.#options.logger.warn('what workers said was not saved', { workers: names.length, error });
    }
  }
}

/** It is there and takes jobs. */
export function isTaking({ status, isPresent }: SeenWorker): boolean {
  return status === 'running' && isPresent;
}

export function does(jobType: string): (worker: SeenWorker) => boolean {
  return ({ presence }) => presence.jobTypes.includes(jobType);
}

import { isFinal, type JobStatus, type Logger, queuesOf, type Transport } from '@heavylift/core';
import type { JobRecord, JobStore } from '../store/job-store.js';

export interface ReconcilerOptions {
  readonly store: Pick<JobStore, 'list' | 'sendAgain'>;
  readonly transport: Pick<Transport, 'inspect'>;
  /** Whether a worker says that it runs the job. */
  readonly isHeld: (jobId: string) => Promise<boolean>;
  readonly jobTypes: readonly string[];
  readonly logger: Logger;
  /** Between two looks, in milliseconds. Default: a minute. */
  readonly everyMs?: number;
  /** How long nothing was due of a job that is looked at. Default: ten minutes. */
  readonly silentMs?: number;
  /** Default: `Date.now`. */
  readonly now?: () => number;
}

/** More than chance: a message may be on its way from one place to the next at one look. */
const looksInARow = 3;
const mostPerLook = 500;
const unfinished: readonly JobStatus[] = ['queued', 'running', 'retrying'];

/**
 * Sends jobs again that their broker has lost, as when it came back under its name without its disk. In healthy runs it finds none.
 *
 * A job is lost when at three looks in a row it has not ended, nothing of it was due for ten minutes, no job of its type waits in the broker, and no
 * worker says that it runs it. Should one run it all the same, the job runs twice, and is recorded as if once.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #now: () => number;
  /** How many looks in a row found a job missing. */
  #missing: ReadonlyMap<string, number> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#lookAndLog().finally(() => this.start());
    }, this.#options.everyMs ?? 60_000);
  }

  /** Resolves when the look that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** One look; says how many jobs are sent again. */
  async look(): Promise<number> {
    const missing = new Map<string, number>();
    for (const type of this.#options.jobTypes)
      for (const id of await this.#missingOf(type)) missing.set(id, (this.#missing.get(id) ?? 0) + 1);
    this.#missing = missing;
    const lost = [...missing].filter(([, looks]) => looks >= looksInARow).map(([id]) => id);
    return lost.length > 0 ? this.#options.store.sendAgain(lost) : 0;
  }

  async #lookAndLog(): Promise<void> {
    const { logger } = this.#options;
    try {
      const jobs = await this.look();
      if (jobs > 0) logger.warn('jobs that the broker has lost are sent again', { jobs });
    } catch (error) {
      this.#missing = new Map();
      logger.info('lost jobs were not looked for; the next look tries again', { error });
    }
  }

  async #missingOf(type: string): Promise<string[]> {
    const silent = await this.#silentOf(type);
    if (silent.length === 0 || !(await this.#isEmpty(type))) return [];
    const held = await Promise.all(silent.map(({ id }) => this.#options.isHeld(id)));
    return silent.filter((_, at) => !held[at]).map(({ id }) => id);
  }

  async #silentOf(type: string): Promise<JobRecord[]> {
    const before = this.#now() - (this.#options.silentMs ?? 600_000);
    const jobs: JobRecord[] = [];
    for (const status of unfinished)
      jobs.push(...(await this.#options.store.list({ status, type, limit: mostPerLook })));
    return jobs.filter((job) => !isFinal(job.status) && lastDue(job) < before);
  }

  async #isEmpty(type: string): Promise<boolean> {
    const depths = await Promise.all(queuesOf(type).map(({ name }) => this.#options.transport.inspect(name)));
    return depths.every(({ ready }) => ready === 0);
  }
}

/** When something of the job last happened, or was to happen. */
function lastDue({ createdAt, dueAt, queuedAt, startedAt, nextAttemptAt }: JobRecord): number {
  const moments = [createdAt, dueAt, queuedAt, startedAt, nextAttemptAt];
  return Math.max(...moments.map((moment) => (moment === undefined ? 0 : Date.parse(moment))));
}

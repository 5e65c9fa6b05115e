import { isFinal, type JobStatus, laneOf, type Logger, priorities, type Transport } from '@heavylift/core';
import type { JobRecord, JobStore } from '../store/job-store.js';

export interface ReconcilerOptions {
  readonly store: Pick<JobStore, 'list' | 'sendAgain'>;
  readonly transport: Pick<Transport, 'inspect'>;
  /** Whether a worker says that it runs the job. */
  readonly isHeld: (jobId: string) => Promise<boolean>;
  /** Whether workers of the type are there, may start jobs, and have none in hand. */
  readonly isIdle: (jobType: string) => Promise<boolean>;
  readonly jobTypes: readonly string[];
  readonly logger: Logger;
  /** Between two looks, in milliseconds. Default: a minute. */
  readonly everyMs?: number;
  /** How long nothing was due of a job that is looked at. Default: ten minutes; on RabbitMQ a wait may last twelve longer than it was to. */
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
 * A job is lost when at three looks in a row it has not ended, nothing of it was due for ten minutes, none waits in its lane, and no worker says that it
 * runs it. Should one run it all the same, the job runs twice, and is recorded as if once.
 *
 * A nats-server of 2.9 that was killed may count as waiting what it hands to nobody. So a lane counts as empty too while its number stays the same
 * from look to look, and the workers are idle at each: what waits for an idle worker is gone in a moment.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #now: () => number;
  /** How many looks in a row found a job missing. */
  #missing: ReadonlyMap<string, number> = new Map();
  /** How many waited in a lane at the last look, where the workers were idle. */
  #stuck: ReadonlyMap<string, number> = new Map();
  /** When a job was sent again. */
  readonly #sentAt = new Map<string, number>();
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
    const [missing, stuck] = [new Map<string, number>(), new Map<string, number>()];
    for (const type of this.#options.jobTypes)
      for (const id of await this.#missingOf(type, stuck)) missing.set(id, (this.#missing.get(id) ?? 0) + 1);
    [this.#missing, this.#stuck] = [missing, stuck];
    return this.#sendAgain([...missing].filter(([, looks]) => looks >= looksInARow).map(([id]) => id));
  }

  async #sendAgain(lost: readonly string[]): Promise<number> {
    const now = this.#now();
    for (const [id, at] of this.#sentAt) if (at < now - this.#silentMs) this.#sentAt.delete(id);
    if (lost.length === 0) return 0;
    const sent = await this.#options.store.sendAgain(lost);
    for (const id of lost) this.#sentAt.set(id, now);
    return sent;
  }

  async #lookAndLog(): Promise<void> {
    const { logger } = this.#options;
    try {
      const jobs = await this.look();
      if (jobs > 0) logger.warn('jobs that the broker has lost are sent again', { jobs });
    } catch (error) {
      [this.#missing, this.#stuck] = [new Map(), new Map()];
      logger.info('lost jobs were not looked for; the next look tries again', { error });
    }
  }

  /** Notes in `stuck` how many wait in vain. */
  async #missingOf(type: string, stuck: Map<string, number>): Promise<string[]> {
    const silent = await this.#silentOf(type);
    if (silent.length === 0) return [];
    const empty = await this.#emptyLanesOf(type, stuck);
    const suspects = silent.filter(({ priority }) => empty.has(laneOf(type, priority)));
    const held = await Promise.all(suspects.map(({ id }) => this.#options.isHeld(id)));
    return suspects.filter((_, at) => !held[at]).map(({ id }) => id);
  }

  async #silentOf(type: string): Promise<JobRecord[]> {
    const before = this.#now() - this.#silentMs;
    const jobs: JobRecord[] = [];
    for (const status of unfinished)
      jobs.push(...(await this.#options.store.list({ status, type, limit: mostPerLook })));
    const lastAt = (job: JobRecord): number => Math.max(lastDue(job), this.#sentAt.get(job.id) ?? 0);
    return jobs.filter((job) => !isFinal(job.status) && lastAt(job) < before);
  }

  async #emptyLanesOf(type: string, stuck: Map<string, number>): Promise<ReadonlySet<string>> {
    const empty = new Set<string>();
    const isIdle = await this.#options.isIdle(type);
    for (const lane of priorities.map((priority) => laneOf(type, priority))) {
      const { ready } = await this.#options.transport.inspect(lane);
      if (ready > 0 && isIdle) stuck.set(lane, ready);
      if (ready === 0 || (isIdle && this.#stuck.get(lane) === ready)) empty.add(lane);
    }
    return empty;
  }

  get #silentMs(): number {
    return this.#options.silentMs ?? 600_000;
  }
}

/** When something of the job last happened, or was to happen. */
function lastDue({ createdAt, dueAt, queuedAt, startedAt, nextAttemptAt }: JobRecord): number {
  const moments = [createdAt, dueAt, queuedAt, startedAt, nextAttemptAt];
  return Math.max(...moments.map((moment) => (moment === undefined ? 0 : Date.parse(moment))));
}

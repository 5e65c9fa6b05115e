import { type DeadLetter, isFinal, type Logger, type Transport } from '@heavylift/core';
import type { JobRecord, JobStore } from '../store/job-store.js';

/** A job as it stood when it was a dead letter. */
export type Fallen = Pick<JobRecord, 'id' | 'type' | 'attempt'>;

export interface DeadLetterSweeperOptions {
  readonly store: Pick<JobStore, 'getAll' | 'list' | 'history' | 'expiredAt'>;
  readonly transport: Pick<Transport, 'inspect' | 'deadLetters' | 'discard'>;
  readonly jobTypes: readonly string[];
  readonly logger: Logger;
  /** Between two sweeps, in milliseconds. Default: a minute. */
  readonly everyMs?: number;
}

/** For what an operator does one after the other. */
const gatheredMs = 100;
/** Where what an operator did could not be done in the broker. */
const againMs = 5_000;
const mostLookedAt = 1_000;
const askedAtOnce = 500;
const discardedAtOnce = 10_000;
const sweepsUntilAll = 10;

/**
 * Takes those dead letters off the broker that are none any more for the job store, which alone redrives and discards. What an operator has just done
 * is done there within moments. For what a gateway left undone that died, each sweep compares the oldest thousand of each type with the store; not
 * while as many lie there as when nothing was to be done, but each tenth time all the same.
 */
export class DeadLetterSweeper {
  readonly #options: DeadLetterSweeperOptions;
  /** What left the dead letters in the store: by job type and id, up to which attempt. */
  readonly #left = new Map<string, Map<string, number>>();
  /** How many dead letters of a type there were when a look found nothing to do. */
  readonly #inOrder = new Map<string, number>();
  #state: 'new' | 'started' | 'stopped' = 'new';
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #sweeps = 0;

  constructor(options: DeadLetterSweeperOptions) {
    this.#options = options;
  }

  /** Call it when the transport is connected. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'started';
    this.#sweepIn(gatheredMs);
  }

  /** Resolves when the sweep that is under way has ended. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  /** These jobs were dead letters, as they are told here, and are none any more in the store. */
  left(jobs: readonly Fallen[]): void {
    for (const { id, type, attempt } of jobs) this.#note(type, id, attempt);
    if (jobs.length > 0 && !this.#sweeping) this.#sweepIn(gatheredMs);
  }

  /** One sweep; says how many dead letters it took away. */
  async sweep(): Promise<number> {
    if (this.#sweeps++ % sweepsUntilAll === 0) this.#inOrder.clear();
    let taken = await this.#takeThoseThatLeft();
    for (const type of this.#options.jobTypes) taken += await this.#compare(type);
    return taken;
  }

  #sweepIn(ms: number): void {
    if (this.#state !== 'started') return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweepAndLog().then((nextMs) => {
        this.#sweeping = undefined;
        this.#sweepIn(nextMs);
      });
    }, ms);
  }

  /** Says when to sweep again. */
  async #sweepAndLog(): Promise<number> {
    const { logger, everyMs = 60_000 } = this.#options;
    try {
      const letters = await this.sweep();
      if (letters > 0) logger.info('dead letters were taken off the broker', { letters });
      return this.#left.size > 0 ? gatheredMs : everyMs;
    } catch (error) {
      logger.info('dead letters stay in the broker for now; the next sweep tries again', { error });
      return this.#left.size > 0 ? againMs : everyMs;
    }
  }

  async #takeThoseThatLeft(): Promise<number> {
    let taken = 0;
    for (const [type, ofType] of this.#left) {
      this.#left.delete(type);
      taken += await this.#discard(type, [...ofType]).catch((error: unknown) => {
        for (const [id, attempt] of ofType) this.#note(type, id, attempt);
        throw error;
      });
    }
    return taken;
  }

  #note(type: string, id: string, attempt: number): void {
    // The broker need not know a type that this gateway does not know.
    if (!this.#options.jobTypes.includes(type)) return;
    const ofType = this.#left.get(type) ?? new Map<string, number>();
    this.#left.set(type, ofType.set(id, Math.max(attempt, ofType.get(id) ?? 0)));
  }

  async #compare(type: string): Promise<number> {
    const { transport } = this.#options;
    let taken = 0;
    for (;;) {
      const { deadLettered } = await transport.inspect(type);
      if (deadLettered === 0 || this.#inOrder.get(type) === deadLettered) return taken;
      const letters = await transport.deadLetters(type, mostLookedAt);
      const { stale, open } = await this.#judge(letters);
      if (stale.length + open === 0) this.#inOrder.set(type, deadLettered);
      const gone = await this.#discard(type, stale);
      if (gone === 0) return taken;
      taken += gone;
    }
  }

  async #discard(type: string, upTo: readonly (readonly [string, number])[]): Promise<number> {
    let taken = 0;
    for (const some of chunksOf(upTo, discardedAtOnce))
      taken += await this.#options.transport.discard(type, new Map(some));
    return taken;
  }

  /** Which are none any more; and of how many it is still open whether they are: their end is not recorded yet. */
  async #judge(letters: readonly DeadLetter[]): Promise<{ stale: [string, number][]; open: number }> {
    const stale: [string, number][] = [];
    let open = 0;
    for (const some of chunksOf(letters, askedAtOnce)) {
      const { known, dead } = await this.#lookUp(some.map(({ message }) => message.id));
      for (const { message } of some) {
        const job = known.get(message.id);
        if (!job && (await this.#hasExpired(message.id))) stale.push([message.id, message.attempt]);
        if (!job) continue;
        if (await this.#hasLeft(job, dead.has(job.id), message.attempt))
          stale.push([job.id, message.attempt]);
        else if (!isFinal(job.status)) open++;
      }
    }
    return { stale: stale.toSorted(([, one], [, other]) => one - other), open };
  }

  async #hasExpired(jobId: string): Promise<boolean> {
    return (await this.#options.store.expiredAt(jobId)) !== undefined;
  }

  /** Whether what a job died of is over: its failure was discarded, it was cancelled, or let run anew. */
  async #hasLeft(job: JobRecord, isDead: boolean, attempt: number): Promise<boolean> {
    if ((job.status === 'failed' || job.status === 'cancelled') && !isDead) return true;
    return attempt < job.attempt && (await this.#isRedriven(job.id, attempt));
  }

  async #isRedriven(jobId: string, after: number): Promise<boolean> {
    let last = 0;
    for (;;) {
      const events = await this.#options.store.history(jobId, last);
      if (events.some(({ kind, attempt }) => kind === 'redriven' && attempt >= after)) return true;
      if (events.length === 0) return false;
      last = events.at(-1)!.seq;
    }
  }

  async #lookUp(
    ids: readonly string[],
  ): Promise<{ known: ReadonlyMap<string, JobRecord>; dead: ReadonlySet<string> }> {
    const { store } = this.#options;
    const jobs = await store.getAll(ids);
    const dead = await store.list({ dead: true, ids, limit: ids.length });
    return { known: new Map(jobs.map((job) => [job.id, job])), dead: new Set(dead.map(({ id }) => id)) };
  }
}

function chunksOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  );
}

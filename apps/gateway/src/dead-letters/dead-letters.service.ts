import { type FieldError, InvalidPayloadError, type JobDefinition, parsePayload } from '@heavylift/core';
import type { Fallen, OutboxRelay } from '../dispatch/index.js';
import { missingJob } from '../jobs/missing-job.js';
import { Problem } from '../problems/problem.js';
import type { CauseRecord, JobRecord, JobStore, RedriveOrder, StoredEvent } from '../store/index.js';
import { assertSelects, type DeadLetterSelection, type RedriveRequest } from './dead-letter-requests.js';
import { mergePatch } from './merge-patch.js';

export interface DeadLettersOptions {
  readonly store: Pick<
    JobStore,
    'causes' | 'list' | 'get' | 'getAll' | 'redrive' | 'discard' | 'history' | 'expiredAt'
  >;
  readonly relay: Pick<OutboxRelay, 'wake'>;
  readonly jobTypes: ReadonlyMap<string, JobDefinition>;
  /** Tells those who follow these jobs that something happened to them. */
  readonly changed: (jobIds: readonly string[]) => void;
  /** Has taken off the broker what these jobs, as they were, had died of. */
  readonly left: (jobs: readonly Fallen[]) => void;
}

/** What became of a request to redrive many. */
export interface Redriven {
  readonly redriven: number;
  /** Those whose payload, patched, would not keep its contract; they stay as they are. At most 100 are named. */
  readonly refused: readonly { readonly id: string; readonly errors: readonly FieldError[] }[];
  /** How many were refused in all. */
  readonly refusedInAll: number;
  /** When the last of them is let go. */
  readonly lastAt: string | null;
}

const page = 500;
const mostRefusedNamed = 100;
const mostEvents = 10_000;

/** The dead letters, which the store knows as failed jobs: groups them, mends them, lets them run anew, forgets them. */
export class DeadLettersService {
  readonly #options: DeadLettersOptions;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  groups(filter: { readonly type?: string; readonly limit: number }): Promise<CauseRecord[]> {
    return this.#options.store.causes(filter);
  }

  /** @throws {Problem} 404; 410 when the job has expired */
  async get(id: string): Promise<{ job: JobRecord; events: readonly StoredEvent[] }> {
    const [job] = await this.#options.store.list({ dead: true, ids: [id], limit: 1 });
    if (!job) throw await this.#missing(id);
    return { job, events: await this.#options.store.history(id, 0, mostEvents) };
  }

  /**
   * Lets a failed or cancelled job run anew, with a mended payload if one is given.
   * @throws {Problem} 404; 410 when it has expired; 409 when it is neither; 422 with every wrong field of the payload
   */
  async retry(id: string, payload?: object): Promise<JobRecord> {
    const job = await this.#job(id);
    const { order, errors } = this.#orderOf(job, payload);
    if (errors.length > 0)
      throw new Problem(422, 'job.invalid', `${errors.length} fields are wrong`, { errors });
    const [redriven] = await this.#redrive([order], [job]);
    const now = await this.#job(id);
    if (!redriven) throw new Problem(409, 'job.not_ended', reasonOf(now));
    return now;
  }

  /** Lets those of these jobs run anew that failed or were cancelled; tells which. */
  retryMany(jobs: readonly JobRecord[]): Promise<string[]> {
    const orders = jobs.map((job) => this.#orderOf(job, undefined).order);
    return this.#redrive(orders, jobs);
  }

  /** Page by page, so that a hundred thousand are no more trouble than ten. @throws {Problem} 422 when nothing is selected */
  async redriveAll({ patch, perSecond, ...selection }: RedriveRequest): Promise<Redriven> {
    assertSelects(selection);
    const start = Date.now();
    const refused: { id: string; errors: readonly FieldError[] }[] = [];
    let [redriven, refusedInAll, lastAt] = [0, 0, 0];
    for await (const jobs of this.#select(selection)) {
      const orders: RedriveOrder[] = [];
      for (const job of jobs) {
        const { order, errors } = this.#orderOf(job, patch && mergePatch(job.payload, patch));
        if (errors.length > 0 && refusedInAll++ < mostRefusedNamed) refused.push({ id: job.id, errors });
        if (errors.length > 0) continue;
        lastAt = perSecond ? start + ((redriven + orders.length) * 1_000) / perSecond : start;
        orders.push({ ...order, dueAt: Math.round(lastAt) });
      }
      redriven += (await this.#redrive(orders, jobs)).length;
    }
    return { redriven, refused, refusedInAll, lastAt: redriven > 0 ? new Date(lastAt).toISOString() : null };
  }

  /** Says how many it took away. @throws {Problem} 422 when nothing is selected */
  async discardAll(selection: DeadLetterSelection): Promise<number> {
    assertSelects(selection);
    let discarded = 0;
    for await (const jobs of this.#select(selection)) discarded += (await this.#discard(jobs)).length;
    return discarded;
  }

  /** @throws {Problem} 404; 410 when the job has expired */
  async discard(id: string): Promise<void> {
    const letters = await this.#options.store.list({ dead: true, ids: [id], limit: 1 });
    const [discarded] = await this.#discard(letters);
    if (!discarded) throw await this.#missing(id);
  }

  async #job(id: string): Promise<JobRecord> {
    const job = await this.#options.store.get(id);
    if (!job) throw await missingJob(this.#options.store, id);
    return job;
  }

  #missing(id: string): Promise<Problem> {
    const unknown = new Problem(404, 'dead_letter.not_found', `there is no dead letter "${id}"`);
    return missingJob(this.#options.store, id, unknown);
  }

  async #discard(letters: readonly JobRecord[]): Promise<string[]> {
    const discarded = await this.#options.store.discard(letters.map(({ id }) => id));
    this.#tellLeft(letters, discarded);
    return discarded;
  }

  #tellLeft(letters: readonly JobRecord[], ids: readonly string[]): void {
    const left = new Set(ids);
    this.#options.left(letters.filter(({ id }) => left.has(id)));
  }

  async *#select(selection: DeadLetterSelection): AsyncGenerator<readonly JobRecord[], void, undefined> {
    let before: string | undefined;
    for (;;) {
      const jobs = await this.#options.store.list({
        ...selection,
        dead: true,
        limit: page,
        ...(before ? { before } : {}),
      });
      if (jobs.length > 0) yield jobs;
      if (jobs.length < page) return;
      before = jobs.at(-1)!.id;
    }
  }

  async #redrive(orders: readonly RedriveOrder[], letters: readonly JobRecord[]): Promise<string[]> {
    const redriven = await this.#options.store.redrive(orders);
    this.#options.relay.wake();
    this.#tellLeft(letters, redriven);
    if (redriven.length > 0) this.#options.changed(redriven);
    return redriven;
  }

  /** A job type that this gateway does not know is let go as it was: its worker has the last word. */
  #orderOf(
    job: JobRecord,
    payload: object | undefined,
  ): { order: RedriveOrder; errors: readonly FieldError[] } {
    const definition = this.#options.jobTypes.get(job.type);
    const attempts = definition?.retry.attempts ?? 1;
    const order = { id: job.id, attempts, ...(payload ? { payload } : {}) };
    return { order, errors: payload && definition ? errorsOf(definition, payload) : [] };
  }
}

function errorsOf(definition: JobDefinition, payload: object): readonly FieldError[] {
  try {
    parsePayload(definition, payload);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidPayloadError)) throw error;
    return error.errors.map(({ path, message }) => ({ path: path ? `payload.${path}` : 'payload', message }));
  }
}

function reasonOf({ status }: JobRecord): string {
  if (status === 'succeeded') return 'the job has succeeded; submit a new one to do the work again';
  return `the job is ${status}; only one that failed or was cancelled can run anew`;
}

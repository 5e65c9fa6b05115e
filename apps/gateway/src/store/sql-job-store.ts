import type { JobEvent, JobStatus, LoggedEvent, RecordedEvent } from '@heavylift/core';
import { jobStatuses } from '@heavylift/core/job-life';
import { insertAccepted, rowsOfAccepted } from './accept-jobs.js';
import type { ControlStore } from './control-store.js';
import type { Database } from './database.js';
import type { CauseRecord, RedriveOrder } from './dead-letter-book.js';
import { discardJobs, redriveJobs, selectCauses } from './sql-dead-letters.js';
import { findKey, forgetKeys, type IdempotencyKey, takeKeys } from './idempotency-keys.js';
import { recordColumns, recordOf } from './job-rows.js';
import type {
  JobFilter,
  JobRecord,
  JobSelection,
  JobStore,
  NewJob,
  Projected,
  StoredEvent,
} from './job-store.js';
import type { Hold, Outgoing } from './outbox.js';
import { expiredAt, forgetExpired, removeExpired } from './sql-expiry.js';
import type { News, Place } from './follow-book.js';
import { selectNews } from './sql-follow-book.js';
import { lockedJobs, projectEvents } from './project-events.js';
import { sqliteJobs } from './sqlite/sqlite-jobs.js';
import { unlockedJobs, wasChanged } from './unlocked-jobs.js';
import type { LogBatch } from './log-book.js';
import { keepLogs, lastLog, selectLogs } from './sql-log-book.js';
import { newest, selecting } from './sql-job-selection.js';
import { adoptFrom, nextDue, readopt, setDispatched, setLease, takeOutgoing } from './sql-outbox.js';
import { canBeStored, SqlBooks } from './sql-books.js';
import { SqlControlStore } from './sql-control-store.js';

/** The store in a relational database, the same statements on each. Made by `openJobStore`. */
export class SqlJobStore extends SqlBooks implements JobStore {
  readonly name: string;
  readonly control: ControlStore;
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    super(database, now);
    this.name = database.name;
    this.control = new SqlControlStore(database);
    this.#database = database;
    this.#now = now;
  }

  async accept(jobs: readonly NewJob[], keys: readonly IdempotencyKey[] = [], hold?: Hold): Promise<void> {
    if (jobs.length === 0) return;
    const rows = rowsOfAccepted(jobs, this.#now(), hold);
    const { isPostgres } = this.#database;
    if (isPostgres && keys.length === 0)
      return this.#database.change((db) => insertAccepted(db, rows, isPostgres));
    await this.#database.write(async (db) => {
      await takeKeys(db, keys, this.#now());
      await insertAccepted(db, rows, isPostgres);
    });
  }

  findKey(key: string): Promise<IdempotencyKey | undefined> {
    return this.#database.read((db) => findKey(db, key));
  }

  forgetKeys(before: number): Promise<number> {
    return this.#database.write((db) => forgetKeys(db, before));
  }

  async get(id: string): Promise<JobRecord | undefined> {
    if (!canBeStored(id)) return undefined;
    const row = await this.#database.read((db) =>
      db.selectFrom('jobs').select(recordColumns).where('id', '=', id).executeTakeFirst(),
    );
    return row && recordOf(row);
  }

  async getAll(ids: readonly string[]): Promise<JobRecord[]> {
    const among = ids.filter(canBeStored);
    if (among.length === 0) return [];
    const rows = await this.#database.read((db) =>
      db.selectFrom('jobs').select(recordColumns).where('id', 'in', among).execute(),
    );
    return rows.map(recordOf);
  }

  async list({ ids, ...filter }: JobFilter): Promise<JobRecord[]> {
    const among = ids?.filter(canBeStored);
    if (among?.length === 0) return [];
    const wanted = among ? { ...filter, ids: among } : filter;
    const rows = await this.#database.read((db) => newest(db, wanted).execute());
    return rows.map(recordOf);
  }

  async history(id: string, afterSeq = 0, limit = 1_000): Promise<StoredEvent[]> {
    if (!canBeStored(id)) return [];
    const rows = await this.#database.read((db) =>
      db
        .selectFrom('job_events')
        .select(['seq', 'body'])
        .where('job_id', '=', id)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute(),
    );
    return rows.map(({ seq, body }) => ({ ...(JSON.parse(body) as RecordedEvent), seq }));
  }

  async news(places: readonly Place[]): Promise<{ news: News[]; missing: string[] }> {
    const among = places.filter(({ jobId }) => canBeStored(jobId));
    const { news, missing } = await this.#database.read((db) => selectNews(db, among));
    const never = places.filter(({ jobId }) => !canBeStored(jobId)).map(({ jobId }) => jobId);
    return { news, missing: [...missing, ...never] };
  }

  async project(events: readonly JobEvent[]): Promise<Projected> {
    const storable = events.filter((event) => canBeStored(event.jobId));
    const projected = (await this.#projectUnlocked(storable)) ?? (await this.#projectLocked(storable));
    const refused = events.filter((event) => !canBeStored(event.jobId)).map((event) => event.jobId);
    return { ...projected, unknown: [...projected.unknown, ...refused] };
  }

  /** Undefined where that cannot be, and when somebody changed one of the jobs meanwhile. */
  async #projectUnlocked(events: readonly JobEvent[]): Promise<Projected | undefined> {
    if (!this.#database.isPostgres) return undefined;
    try {
      return await this.#database.change((db) =>
        projectEvents(db, events, { access: unlockedJobs(db), now: this.#now() }),
      );
    } catch (error) {
      if (wasChanged(error)) return undefined;
      throw error;
    }
  }

  #projectLocked(events: readonly JobEvent[]): Promise<Projected> {
    const { isPostgres } = this.#database;
    return this.#database.write((db) => {
      const access = isPostgres ? lockedJobs(db) : sqliteJobs(db);
      return projectEvents(db, events, { access, now: this.#now() });
    });
  }

  async addLogs(logged: readonly LoggedEvent[]): Promise<void> {
    const storable = logged.filter(({ jobId, run }) => canBeStored(jobId) && canBeStored(run));
    if (storable.length === 0) return;
    await keepLogs(this.#database, storable);
  }

  async logs(jobId: string, afterSeq = 0): Promise<LogBatch[]> {
    return canBeStored(jobId) ? this.#database.read((db) => selectLogs(db, jobId, afterSeq)) : [];
  }

  async lastLog(jobId: string): Promise<number> {
    return canBeStored(jobId) ? this.#database.read((db) => lastLog(db, jobId)) : 0;
  }

  async counts(selection: JobSelection = {}): Promise<Record<JobStatus, number>> {
    const rows = await this.#database.read((db) =>
      selecting(
        db.selectFrom('jobs').select((select) => ['status', select.fn.countAll<number>().as('jobs')]),
        selection,
      )
        .groupBy('status')
        .execute(),
    );
    const none = Object.fromEntries(jobStatuses.map((status) => [status, 0])) as Record<JobStatus, number>;
    return { ...none, ...Object.fromEntries(rows.map(({ status, jobs }) => [status, jobs])) };
  }

  causes(filter: { readonly type?: string; readonly limit: number }): Promise<CauseRecord[]> {
    return this.#database.read((db) => selectCauses(db, filter));
  }

  async redrive(orders: readonly RedriveOrder[]): Promise<string[]> {
    const { isPostgres: locksRows } = this.#database;
    const storable = orders.filter(({ id }) => canBeStored(id));
    if (storable.length === 0) return [];
    return this.#database.write((db) => redriveJobs(db, storable, { locksRows, now: this.#now() }));
  }

  async discard(ids: readonly string[]): Promise<string[]> {
    const among = ids.filter(canBeStored);
    return among.length === 0 ? [] : this.#database.write((db) => discardJobs(db, among));
  }

  removeExpired(before: number, limit: number): Promise<number> {
    const { isPostgres: locksRows } = this.#database;
    return this.#database.write((db) => removeExpired(db, { before, limit, now: this.#now(), locksRows }));
  }

  async expiredAt(id: string): Promise<number | undefined> {
    return canBeStored(id) ? this.#database.read((db) => expiredAt(db, id)) : undefined;
  }

  forgetExpired(before: number, limit: number): Promise<number> {
    const { isPostgres: locksRows } = this.#database;
    return this.#database.write((db) => forgetExpired(db, { before, limit, locksRows }));
  }

  async check(): Promise<void> {
    await this.#database.read((db) => db.selectFrom('jobs').select('id').limit(1).execute());
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  takeUndispatched(keeper: string, limit: number, leaseMs: number): Promise<Outgoing[]> {
    const { isPostgres: locksRows } = this.#database;
    return this.#database.write((db) => {
      const now = this.#now();
      return takeOutgoing(db, { keeper, limit, now, leaseUntil: now + leaseMs, locksRows });
    });
  }

  nextDue(after: number): Promise<number | undefined> {
    return this.#database.read((db) => nextDue(db, after));
  }

  async markDispatched(ids: readonly string[], keeper: string): Promise<void> {
    if (ids.length === 0) return;
    await this.#database.change((db) => setDispatched(db, ids, keeper, this.#database.isPostgres));
  }

  async releaseUndispatched(ids: readonly string[], pauseMs = 0): Promise<void> {
    if (ids.length === 0) return;
    const until = this.#now() + pauseMs;
    await this.#database.write((db) => setLease(db, ids, until, this.#database.isPostgres));
  }

  adopt(keeper: string): Promise<number> {
    return this.#database.write((db) => adoptFrom(db, keeper));
  }

  async sendAgain(ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    return this.#database.write((db) => readopt(db, ids, this.#database.isPostgres));
  }
}

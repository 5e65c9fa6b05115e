import { type JobEvent, type JobStatus, jobStatuses } from '@heavylift/core';
import { acceptJobs } from './accept-jobs.js';
import type { AssetRecord } from './asset-register.js';
import type { ControlStore } from './control-store.js';
import type { Database } from './database.js';
import { findKey, forgetKeys, type IdempotencyKey, takeKeys } from './idempotency-keys.js';
import { recordColumns, recordOf } from './job-rows.js';
import type { JobFilter, JobRecord, JobStore, NewJob, Projected, StoredEvent } from './job-store.js';
import type { Outgoing } from './outbox.js';
import { projectEvents } from './project-events.js';
import { deleteAsset, insertAssets, rowOfAsset, selectAsset, selectAssets } from './sql-asset-register.js';
import { SqlControlStore } from './sql-control-store.js';
import { adoptFrom, setDispatched, setLease, takeOutgoing } from './sql-outbox.js';

/** The store in a relational database, the same statements on each. Made by `openJobStore`. */
export class SqlJobStore implements JobStore {
  readonly name: string;
  readonly control: ControlStore;
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    this.name = database.name;
    this.control = new SqlControlStore(database);
    this.#database = database;
    this.#now = now;
  }

  async accept(jobs: readonly NewJob[], keys: readonly IdempotencyKey[] = []): Promise<void> {
    if (jobs.length === 0) return;
    await this.#database.write(async (db) => {
      await takeKeys(db, keys, this.#now());
      await acceptJobs(db, jobs, this.#now());
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

  async list({ status, type, before, limit }: JobFilter): Promise<JobRecord[]> {
    const rows = await this.#database.read((db) =>
      db
        .selectFrom('jobs')
        .select(recordColumns)
        .$if(status !== undefined, (query) => query.where('status', '=', status!))
        .$if(type !== undefined, (query) => query.where('type', '=', type!))
        .$if(before !== undefined, (query) => query.where('id', '<', before!))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute(),
    );
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
    return rows.map(({ seq, body }) => ({ ...(JSON.parse(body) as JobEvent), seq }));
  }

  async project(events: readonly JobEvent[]): Promise<Projected> {
    const { locksRows } = this.#database;
    const storable = events.filter((event) => canBeStored(event.jobId));
    const projected = await this.#database.write((db) => projectEvents(db, storable, locksRows));
    const refused = events.filter((event) => !canBeStored(event.jobId)).map((event) => event.jobId);
    return { ...projected, unknown: [...projected.unknown, ...refused] };
  }

  async counts(): Promise<Record<JobStatus, number>> {
    const rows = await this.#database.read((db) =>
      db
        .selectFrom('jobs')
        .select((select) => ['status', select.fn.countAll<number>().as('jobs')])
        .groupBy('status')
        .execute(),
    );
    const none = Object.fromEntries(jobStatuses.map((status) => [status, 0])) as Record<JobStatus, number>;
    return { ...none, ...Object.fromEntries(rows.map(({ status, jobs }) => [status, jobs])) };
  }

  async check(): Promise<void> {
    await this.#database.read((db) => db.selectFrom('jobs').select('id').limit(1).execute());
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  takeUndispatched(keeper: string, limit: number, leaseMs: number): Promise<Outgoing[]> {
    const { locksRows } = this.#database;
    return this.#database.write((db) => {
      const now = this.#now();
      return takeOutgoing(db, { keeper, limit, now, leaseUntil: now + leaseMs, locksRows });
    });
  }

  async markDispatched(ids: readonly string[], keeper: string): Promise<void> {
    if (ids.length === 0) return;
    await this.#database.write((db) => setDispatched(db, ids, keeper, this.#database.locksRows));
  }

  async releaseUndispatched(ids: readonly string[], pauseMs = 0): Promise<void> {
    if (ids.length === 0) return;
    const until = this.#now() + pauseMs;
    await this.#database.write((db) => setLease(db, ids, until, this.#database.locksRows));
  }

  adopt(keeper: string): Promise<number> {
    return this.#database.write((db) => adoptFrom(db, keeper));
  }

  async saveAsset(asset: AssetRecord): Promise<void> {
    await this.#database.write((db) => insertAssets(db, [rowOfAsset(asset)]));
  }

  async getAsset(id: string): Promise<AssetRecord | undefined> {
    return canBeStored(id) ? this.#database.read((db) => selectAsset(db, id)) : undefined;
  }

  async removeAsset(id: string): Promise<boolean> {
    return canBeStored(id) && (await this.#database.write((db) => deleteAsset(db, id)));
  }

  findAssets(ids: readonly string[]): Promise<ReadonlyMap<string, AssetRecord>> {
    return this.#database.read((db) => selectAssets(db, ids.filter(canBeStored)));
  }
}

/** PostgreSQL has no text with a NUL in it; such an id, from outside, is simply not there. */
function canBeStored(id: string): boolean {
  return !id.includes('\0');
}

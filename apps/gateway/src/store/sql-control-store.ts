import type { Priority } from '@heavylift/core';
import type {
  AuditEntry,
  ControlStore,
  JobPlace,
  KnownWorker,
  QueueSettings,
  QueueTally,
} from './control-store.js';
import type { Database } from './database.js';
import { placeOf, tallyOf, waitingOf } from './sql-waiting.js';
import type { AuditRow, QueueRow, WorkerRow } from './tables.js';

/** The control store in a relational database, the same statements on each. */
export class SqlControlStore implements ControlStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async saveWorkers(workers: readonly KnownWorker[]): Promise<void> {
    if (workers.length === 0) return;
    const rows = workers.map(workerRow).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    await this.#database.write(async (db) => {
      for (const row of rows)
        await db
          .insertInto('workers')
          .values(row)
          .onConflict((conflict) =>
            conflict
              .column('name')
              .doUpdateSet({ told_at: row.told_at, seen_at: row.seen_at, presence: row.presence })
              .where('workers.told_at', '<', row.told_at),
          )
          .execute();
    });
  }

  async workers(): Promise<KnownWorker[]> {
    const rows = await this.#database.read((db) => db.selectFrom('workers').selectAll().execute());
    return rows.map((row) => ({
      presence: JSON.parse(row.presence) as KnownWorker['presence'],
      seenAt: row.seen_at,
    }));
  }

  async forgetWorkers(before: number): Promise<number> {
    const { numDeletedRows } = await this.#database.write((db) =>
      db.deleteFrom('workers').where('seen_at', '<', before).executeTakeFirst(),
    );
    return Number(numDeletedRows);
  }

  async queueSettings(): Promise<QueueSettings[]> {
    const rows = await this.#database.read((db) =>
      db.selectFrom('queues').selectAll().orderBy('name').execute(),
    );
    return rows.map(settingsOf);
  }

  changeQueue(name: string, change: Partial<Omit<QueueSettings, 'name'>>): Promise<QueueSettings> {
    const { paused, perMinute } = change;
    const set = {
      ...(paused === undefined ? {} : { paused: paused ? 1 : 0 }),
      ...(perMinute === undefined ? {} : { per_minute: perMinute }),
    };
    return this.#database.write(async (db) => {
      const row = await db
        .insertInto('queues')
        .values({ name, paused: 0, per_minute: null, ...set })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ name, ...set }))
        .returningAll()
        .executeTakeFirstOrThrow();
      return settingsOf(row);
    });
  }

  tally(jobType: string): Promise<QueueTally> {
    return this.#database.read((db) => tallyOf(db, jobType));
  }

  waiting(jobType: string): Promise<Readonly<Record<Priority, number>>> {
    return this.#database.read((db) => waitingOf(db, jobType));
  }

  place(jobId: string): Promise<JobPlace | undefined> {
    return this.#database.read((db) => placeOf(db, jobId));
  }

  async addAudit({ detail, ...entry }: AuditEntry): Promise<void> {
    const row: AuditRow = { ...entry, detail: JSON.stringify(detail) };
    await this.#database.write((db) =>
      db
        .insertInto('audit')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }

  async audit({ before, limit }: { before?: string; limit: number }): Promise<AuditEntry[]> {
    const rows = await this.#database.read((db) =>
      db
        .selectFrom('audit')
        .selectAll()
        .$if(before !== undefined, (query) => query.where('id', '<', before!))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as AuditEntry['detail'] }));
  }

  async forgetAudit(before: string): Promise<number> {
    const { numDeletedRows } = await this.#database.write((db) =>
      db.deleteFrom('audit').where('at', '<', before).executeTakeFirst(),
    );
    return Number(numDeletedRows);
  }
}

function workerRow({ presence, seenAt }: KnownWorker): WorkerRow {
  return {
    name: presence.name,
    told_at: Date.parse(presence.at),
    seen_at: seenAt,
    presence: JSON.stringify(presence),
  };
}

function settingsOf({ name, paused, per_minute: perMinute }: QueueRow): QueueSettings {
  return { name, paused: paused === 1, perMinute };
}

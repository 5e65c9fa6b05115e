import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { noteUses } from '../asset-uses.js';
import type { Tables } from '../tables.js';

export const expireJobs: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createExpiredTable(db);
    await createUseTable(db);
    // The end of a job that was stored before ends were noted counts from now on.
    await sql`update jobs set finished_at = ${sql.lit(Date.now())} where final = 1 and finished_at is null`.execute(
      db,
    );
    await sql`create index jobs_by_end on jobs (finished_at) where final = 1`.execute(db);
    await sql`create index assets_by_job on assets (job_id) where job_id is not null`.execute(db);
    await noteStoredUses(db);
  },
};

async function createExpiredTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('expired_jobs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('expired_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('expired_jobs_by_age').on('expired_jobs').column('expired_at').execute();
}

async function createUseTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('asset_uses')
    .addColumn('asset_id', 'text', (column) => column.notNull())
    .addColumn('job_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('asset_uses_pkey', ['asset_id', 'job_id'])
    .execute();
  await db.schema.createIndex('asset_uses_by_job').on('asset_uses').column('job_id').execute();
}

async function noteStoredUses(db: Kysely<Tables>): Promise<void> {
  let last = '';
  for (;;) {
    const jobs = await db
      .selectFrom('jobs')
      .select(['id', 'payload'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(1_000)
      .execute();
    if (jobs.length === 0) return;
    await noteUses(db, jobs);
    last = jobs.at(-1)!.id;
  }
}

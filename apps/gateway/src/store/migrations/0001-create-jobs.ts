import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const createJobs: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createJobTable(db);
    await createJobIndexes(db);
    await createEventTable(db);
    await createAssetTable(db);
  },
};

function createJobTable(db: Kysely<unknown>): Promise<void> {
  return db.schema
    .createTable('jobs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('priority', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('timeout_ms', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('final', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('events', 'integer', (column) => column.notNull())
    .addColumn('dispatched', 'integer', (column) => column.notNull())
    .addColumn('keeper', 'text')
    .addColumn('lease_until', 'bigint', (column) => column.notNull())
    .addColumn('sending_attempt', 'integer')
    .addColumn('sending_release', 'integer')
    .execute();
}

async function createJobIndexes(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('jobs_by_status').on('jobs').columns(['status', 'id']).execute();
  await db.schema.createIndex('jobs_by_type').on('jobs').columns(['type', 'status', 'id']).execute();
  // Partial, so that the outbox and the restart cost what is open, not what was ever done.
  await sql`create index jobs_undispatched on jobs (due_at, id) where dispatched = 0`.execute(db);
  await sql`create index jobs_open on jobs (keeper) where final = 0`.execute(db);
}

function createEventTable(db: Kysely<unknown>): Promise<void> {
  return db.schema
    .createTable('job_events')
    .addColumn('job_id', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('job_events_pkey', ['job_id', 'seq'])
    .execute();
}

function createAssetTable(db: Kysely<unknown>): Promise<void> {
  return db.schema
    .createTable('assets')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('filename', 'text', (column) => column.notNull())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('job_id', 'text')
    .execute();
}

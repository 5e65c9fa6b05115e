import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const createControl: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createWorkerTable(db);
    await createQueueTable(db);
    await createAuditTable(db);
    // Partial: the place of a job in its lane, and how long a queue waits, cost what waits.
    await sql`create index jobs_waiting on jobs (type, priority, due_at, id) where status = 'queued'`.execute(
      db,
    );
  },
};

function createWorkerTable(db: Kysely<unknown>): Promise<void> {
  return db.schema
    .createTable('workers')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('told_at', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addColumn('presence', 'text', (column) => column.notNull())
    .execute();
}

function createQueueTable(db: Kysely<unknown>): Promise<void> {
  return db.schema
    .createTable('queues')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('paused', 'integer', (column) => column.notNull())
    .addColumn('per_minute', 'double precision')
    .execute();
}

function createAuditTable(db: Kysely<unknown>): Promise<void> {
  return db.schema
    .createTable('audit')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('who', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
}

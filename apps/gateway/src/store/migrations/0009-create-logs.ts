import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const createLogs: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createLogTable(db);
    // Has all that counting the lines of a job asks for.
    await db.schema
      .createIndex('job_logs_by_seq')
      .on('job_logs')
      .columns(['job_id', 'seq', 'size'])
      .execute();
  },
};

function createLogTable(db: Kysely<unknown>): Promise<void> {
  return db.schema
    .createTable('job_logs')
    .addColumn('job_id', 'text', (column) => column.notNull().references('jobs.id').onDelete('cascade'))
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('batch', 'integer', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('release', 'integer', (column) => column.notNull())
    .addColumn('size', 'integer', (column) => column.notNull())
    .addColumn('left_out', 'integer', (column) => column.notNull())
    .addColumn('total', 'integer', (column) => column.notNull())
    .addColumn('lines', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('job_logs_pkey', ['job_id', 'run', 'batch'])
    .execute();
}

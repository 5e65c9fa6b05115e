import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const createSchedules: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createScheduleTable(db);
    await db.schema.createIndex('schedules_by_next_run').on('schedules').column('next_run_at').execute();
    await db.schema.alterTable('jobs').addColumn('schedule_id', 'text').execute();
    await db.schema.alterTable('jobs').addColumn('scheduled_for', 'bigint').execute();
    // A net: no tick makes two jobs, whatever goes wrong above it.
    await sql`create unique index jobs_by_tick on jobs (schedule_id, scheduled_for)
      where schedule_id is not null`.execute(db);
  },
};

function createScheduleTable(db: Kysely<unknown>): Promise<void> {
  return db.schema
    .createTable('schedules')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('cron', 'text', (column) => column.notNull())
    .addColumn('timezone', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('options', 'text', (column) => column.notNull())
    .addColumn('catch_up', 'text', (column) => column.notNull())
    .addColumn('paused', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addColumn('next_run_at', 'bigint')
    .addColumn('last_run_at', 'bigint')
    .addColumn('last_job_id', 'text')
    .execute();
}

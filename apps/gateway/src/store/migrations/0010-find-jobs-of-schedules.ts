import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const findJobsOfSchedules: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    // Partial, so that it costs nothing for jobs that no schedule made.
    await sql`create index jobs_by_schedule on jobs (schedule_id, id) where schedule_id is not null`.execute(
      db,
    );
  },
};

import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const addCauses: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('jobs').addColumn('cause', 'text').execute();
    await db.schema.alterTable('jobs').addColumn('finished_at', 'bigint').execute();
    // Partial, so that it costs nothing while nothing fails.
    await sql`create index jobs_by_cause on jobs (cause, id) where cause is not null`.execute(db);
  },
};

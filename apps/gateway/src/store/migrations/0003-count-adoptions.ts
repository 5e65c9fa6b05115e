import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const countAdoptions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .alterTable('jobs')
      .addColumn('adoptions', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  },
};

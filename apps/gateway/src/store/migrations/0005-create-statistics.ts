import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const createStatistics: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('statistics')
      .addColumn('step_ms', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('measure', 'text', (column) => column.notNull())
      .addColumn('bin', 'integer', (column) => column.notNull())
      .addColumn('count', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('statistics_pkey', ['step_ms', 'at', 'type', 'measure', 'bin'])
      .execute();
    await db.schema
      .createTable('samples')
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('value', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('samples_pkey', ['at', 'name', 'type'])
      .execute();
  },
};

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const numberLogsOnce: Migration = {
  /** Who keeps lines without a lock on their job is told by this index that somebody else took the number. */
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.dropIndex('job_logs_by_seq').execute();
    await db.schema
      .createIndex('job_logs_by_seq')
      .on('job_logs')
      .columns(['job_id', 'seq'])
      .unique()
      .execute();
  },
};

import type { Migration } from 'kysely/migration';
import { createJobs } from './migrations/0001-create-jobs.js';

/** Every step from an empty database to today's, by name; run in the order of their names. A step that was released never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-create-jobs': createJobs,
};

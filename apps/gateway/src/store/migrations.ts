import type { Migration } from 'kysely/migration';
import { createControl } from './migrations/0004-create-control.js';
import { createIdempotencyKeys } from './migrations/0002-create-idempotency-keys.js';
import { createJobs } from './migrations/0001-create-jobs.js';

/** Every step from an empty database to today's, by name; run in the order of their names. A step that was released never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-create-jobs': createJobs,
  '0002-create-idempotency-keys': createIdempotencyKeys,
  '0004-create-control': createControl,
};

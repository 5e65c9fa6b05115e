import type { Migration } from 'kysely/migration';
import { addCauses } from './migrations/0006-add-causes.js';
import { createStatistics } from './migrations/0005-create-statistics.js';
import { createControl } from './migrations/0004-create-control.js';
import { createIdempotencyKeys } from './migrations/0002-create-idempotency-keys.js';
import { countAdoptions } from './migrations/0003-count-adoptions.js';
import { createLogs } from './migrations/0009-create-logs.js';
import { createJobs } from './migrations/0001-create-jobs.js';
import { createSchedules } from './migrations/0007-create-schedules.js';
import { expireJobs } from './migrations/0008-expire-jobs.js';
import { numberLogsOnce } from './migrations/0011-number-logs-once.js';
import { findJobsOfSchedules } from './migrations/0010-find-jobs-of-schedules.js';

/** Every step from an empty database to today's, by name; run in the order of their names. A step that was released never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-create-jobs': createJobs,
  '0002-create-idempotency-keys': createIdempotencyKeys,
  '0003-count-adoptions': countAdoptions,
  '0004-create-control': createControl,
  '0005-create-statistics': createStatistics,
  '0006-add-causes': addCauses,
  '0007-create-schedules': createSchedules,
  '0008-expire-jobs': expireJobs,
  '0009-create-logs': createLogs,
  '0010-find-jobs-of-schedules': findJobsOfSchedules,
  '0011-number-logs-once': numberLogsOnce,
};

import type { JobStore } from './job-store.js';
import { sqlitePath } from './sqlite/sqlite-path.js';
import { openThreadedStore } from './sqlite/threaded-store.js';

/**
 * Opens the store that a `DATABASE_URL` names and brings its tables up to date: `sqlite:./path`, `sqlite::memory:`, `postgres://…`.
 * `now`: default the clock of the machine.
 * @throws {RangeError} when it is none of these
 * @throws {StoreUnavailableError} when the database cannot be opened now
 */
export async function openJobStore(url: string, now?: () => number): Promise<JobStore> {
  const path = sqlitePath(url);
  // Memory waits for no disk, so it needs no thread; and a clock of one's own cannot be read in another.
  if (path && path !== ':memory:' && !now) return openThreadedStore(url);
  // Loaded where it is used, in this thread or that one.
  const { openSqlStore } = await import('./open-sql-store.js');
  return openSqlStore(url, now ?? Date.now);
}

import type { JobStore } from './job-store.js';
import { openSqlStore } from './open-sql-store.js';
import { openPostgres, postgresName } from './postgres.js';
import { openSqlite, sqliteName } from './sqlite/open-sqlite.js';
import { openThreadedStore } from './sqlite/threaded-store.js';

/**
 * Opens the store that a `DATABASE_URL` names and brings its tables up to date: `sqlite:./path`, `sqlite::memory:`, `postgres://…`.
 * `now`: default the clock of the machine.
 * @throws {RangeError} when it is none of these
 * @throws {StoreUnavailableError} when the database cannot be opened now
 */
export async function openJobStore(url: string, now?: () => number): Promise<JobStore> {
  const [, path] = /^sqlite:(.+)$/.exec(url) ?? [];
  if (path) return openFile(path, now);
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url))
    return openSqlStore(postgresName(url), () => openPostgres(url), now ?? Date.now);
  throw new RangeError('the database URL must be like "sqlite:./jobs.db" or "postgres://user@host/database"');
}

/** Memory waits for no disk, so it needs no thread; and a clock of one's own cannot be asked from another. */
function openFile(path: string, now: (() => number) | undefined): Promise<JobStore> {
  if (path !== ':memory:' && !now) return openThreadedStore(path);
  return openSqlStore(sqliteName(path), () => openSqlite(path), now ?? Date.now);
}

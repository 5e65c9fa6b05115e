import type { Database } from './database.js';
import type { JobStore } from './job-store.js';
import { openPostgres, postgresName } from './postgres.js';
import { openSqlite } from './sqlite/open-sqlite.js';
import { SqlJobStore } from './sql-job-store.js';
import { StoreUnavailableError } from './store-unavailable-error.js';

/**
 * Opens the store that a `DATABASE_URL` names and brings its tables up to date: `sqlite:./path`, `sqlite::memory:`, `postgres://…`.
 * @throws {RangeError} when it is none of these
 * @throws {StoreUnavailableError} when the database cannot be opened now
 */
export async function openJobStore(databaseUrl: string, now: () => number = Date.now): Promise<JobStore> {
  const { name, open } = kindOf(databaseUrl);
  let database: Database | undefined;
  try {
    database = open();
    await database.migrate();
    return new SqlJobStore(database, now);
  } catch (error) {
    await database?.close();
    throw new StoreUnavailableError(name, { cause: error });
  }
}

function kindOf(url: string): { name: string; open: () => Database } {
  const [, path] = /^sqlite:(.+)$/.exec(url) ?? [];
  if (path) return { name: `sqlite:${path}`, open: () => openSqlite(path) };
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url))
    return { name: postgresName(url), open: () => openPostgres(url) };
  throw new RangeError('the database URL must be like "sqlite:./jobs.db" or "postgres://user@host/database"');
}

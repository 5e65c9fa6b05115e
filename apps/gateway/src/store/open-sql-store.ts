import type { Database } from './database.js';
import type { JobStore } from './job-store.js';
import { openSqlite } from './sqlite/open-sqlite.js';
import { sqlitePath } from './sqlite/sqlite-path.js';
import { SqlJobStore } from './sql-job-store.js';
import { StoreUnavailableError } from './store-unavailable-error.js';

interface Kind {
  /** Without credentials. */
  readonly name: string;
  readonly open: () => Database;
}

/** As `openJobStore`, in the thread that calls it. */
export async function openSqlStore(databaseUrl: string, now: () => number): Promise<JobStore> {
  const { name, open } = await kindOf(databaseUrl);
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

async function kindOf(url: string): Promise<Kind> {
  const path = sqlitePath(url);
  if (path) return { name: `sqlite:${path}`, open: () => openSqlite(path) };
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return postgres(url);
  throw new RangeError('the database URL must be like "sqlite:./jobs.db" or "postgres://user@host/database"');
}

/** Its client is loaded only where it is used. */
async function postgres(url: string): Promise<Kind> {
  const { openPostgres, postgresName } = await import('./postgres.js');
  return { name: postgresName(url), open: () => openPostgres(url) };
}

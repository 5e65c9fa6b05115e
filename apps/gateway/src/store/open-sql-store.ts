import type { Database } from './database.js';
import type { JobStore } from './job-store.js';
import { SqlJobStore } from './sql-job-store.js';
import { StoreUnavailableError } from './store-unavailable-error.js';

/**
 * Opens a database, by its name without credentials, and brings its tables up to date.
 * @throws {StoreUnavailableError} when it cannot be opened now
 */
export async function openSqlStore(name: string, open: () => Database, now: () => number): Promise<JobStore> {
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

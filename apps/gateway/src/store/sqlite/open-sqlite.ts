import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Dialect, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { Database, type Failure } from '../database.js';
import { SqliteDriver } from './sqlite-driver.js';

/** BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB: the file, not the statement. */
const unavailable: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 13, 14, 26]);

/**
 * Opens a database file at its first use, making it and its folder when missing; `:memory:` for one that is gone at its end. Whoever writes waits for the disk
 * where it stands, and everything else in its thread with it.
 */
export function openSqlite(path: string): Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const dialect: Dialect = {
    createDriver: () => new SqliteDriver(path),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return new Database({ name: `sqlite:${path}`, dialect, isPostgres: false, failureOf });
}

function failureOf(error: unknown): Failure {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && unavailable.has(errcode & 0xff) ? 'unavailable' : 'defect';
}

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { Database, type Failure } from './database.js';

/** Accepted means stored: FULL waits for the disk at each commit. WAL lets others read meanwhile. */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;`;

/** BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB: the file, not the statement. */
const unavailable: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 13, 14, 26]);
const mostKeptStatements = 200;

/** Opens a database file, making it and its folder when missing; `:memory:` for one that is gone at its end. */
export function openSqlite(path: string): Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const file = new DatabaseSync(path);
  file.exec(settings);
  return new Database({
    name: `sqlite:${path}`,
    dialect: new SqliteDialect({ database: asKyselyExpects(file) }),
    locksRows: false,
    chainsInserts: false,
    failureOf,
  });
}

function failureOf(error: unknown): Failure {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && unavailable.has(errcode & 0xff) ? 'unavailable' : 'defect';
}

function asKyselyExpects(file: DatabaseSync): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => file.close(),
    prepare: (text) => {
      const statement = kept.get(text) ?? prepare(file, text);
      kept.delete(text);
      kept.set(text, statement);
      if (kept.size > mostKeptStatements) kept.delete(kept.keys().next().value!);
      return statement;
    },
  };
}

function prepare(file: DatabaseSync, text: string): SqliteStatement {
  // A transaction that reads first and writes then would be refused at the write if another process wrote in between.
  const statement = file.prepare(text === 'begin' ? 'begin immediate' : text);
  const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => {
      // SQLite itself rolls back when the disk is full; a second rollback would hide that error under its own.
      if (text === 'rollback' && !file.isTransaction) return { changes: 0, lastInsertRowid: 0 };
      return statement.run(...values(parameters));
    },
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}

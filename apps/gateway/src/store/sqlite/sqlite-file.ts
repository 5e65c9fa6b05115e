import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** What is asked of a database: one statement, to be run with each of these lists of values. */
export interface Question {
  readonly sql: string;
  readonly lists: readonly (readonly unknown[])[];
}

export interface Answer {
  readonly rows: unknown[];
  /** How many rows a statement that answers with none has changed. */
  readonly changes?: number;
}

/** Accepted means stored: FULL waits for the disk at each commit. WAL lets others read meanwhile. */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;`;

interface Prepared {
  readonly statement: StatementSync;
  readonly answersRows: boolean;
}

const mostKeptStatements = 200;

/** A database file, or `:memory:`. Keeps the statements that it was asked last. */
export class SqliteFile {
  readonly #file: DatabaseSync;
  readonly #kept = new Map<string, Prepared>();

  constructor(path: string) {
    this.#file = new DatabaseSync(path);
    this.#file.exec(settings);
  }

  /** Waits for the disk. */
  ask({ sql, lists }: Question): Answer {
    // SQLite itself rolls back when the disk is full; a second rollback would hide that error under its own.
    if (sql === 'rollback' && !this.#file.isTransaction) return { rows: [] };
    const { statement, answersRows } = this.#prepared(sql);
    if (answersRows)
      return { rows: lists.flatMap((values) => statement.all(...(values as SQLInputValue[]))) };
    let changes = 0;
    for (const values of lists) changes += Number(statement.run(...(values as SQLInputValue[])).changes);
    return { rows: [], changes };
  }

  close(): void {
    this.#file.close();
  }

  #prepared(sql: string): Prepared {
    const prepared = this.#kept.get(sql) ?? this.#prepare(sql);
    this.#kept.delete(sql);
    this.#kept.set(sql, prepared);
    if (this.#kept.size > mostKeptStatements) this.#kept.delete(this.#kept.keys().next().value!);
    return prepared;
  }

  #prepare(sql: string): Prepared {
    const statement = this.#file.prepare(sql);
    return { statement, answersRows: statement.columns().length > 0 };
  }
}

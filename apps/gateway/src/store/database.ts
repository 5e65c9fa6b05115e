import { setTimeout as pause } from 'node:timers/promises';
import { type Dialect, Kysely, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './migrations.js';
import { StoreUnavailableError } from './store-unavailable-error.js';
import type { Tables } from './tables.js';

/**
 * What a failed statement means. conflict: two transactions stood in each other's way. lost: the connection broke, a new one may work.
 * unavailable: the database is away, full or locked. defect: the statement or its data is wrong.
 */
export type Failure = 'conflict' | 'lost' | 'unavailable' | 'defect';

export interface DatabaseKind {
  /** Without credentials. */
  readonly name: string;
  readonly dialect: Dialect;
  /** Else SQLite. On PostgreSQL transactions run side by side, so that rows have to be locked, and one statement can write many rows into several tables. */
  readonly isPostgres: boolean;
  failureOf(error: unknown): Failure;
}

const triesAfter: Readonly<Record<Failure, number>> = { conflict: 8, lost: 3, unavailable: 1, defect: 1 };
const pauseMs = 20;

/** A database that runs whole units of work, again where that is safe, and says plainly when it cannot. */
export class Database {
  readonly name: string;
  readonly isPostgres: boolean;
  readonly #kind: DatabaseKind;
  readonly #kysely: Kysely<Tables>;
  #closed = false;

  constructor(kind: DatabaseKind) {
    this.name = kind.name;
    this.isPostgres = kind.isPostgres;
    this.#kind = kind;
    this.#kysely = new Kysely<Tables>({ dialect: kind.dialect });
  }

  read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#run(() => work(this.#kysely));
  }

  /** Runs one statement that changes something, a transaction by itself: a fourth of the round trips. It must be of the kind that may be done twice. */
  change<T>(statement: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.read(statement);
  }

  /** Runs `work` in one transaction; it may run more than once, and must be of the kind that may be done twice. */
  write<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#run(() => this.#kysely.transaction().execute(work));
  }

  /** Brings the tables up to date; safe when several processes do it at once. */
  async migrate(): Promise<void> {
    const provider = { getMigrations: async () => ({ ...migrations }) };
    const { error } = await new Migrator({ db: this.#kysely, provider }).migrateToLatest();
    if (error) throw error as Error;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#kysely.destroy();
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      if (this.#closed) throw new StoreUnavailableError(this.name, { cause: new Error('it is closed') });
      try {
        return await work();
      } catch (error) {
        const failure = this.#kind.failureOf(error);
        if (failure === 'defect') throw error;
        if (tries >= triesAfter[failure]) throw new StoreUnavailableError(this.name, { cause: error });
        await pause(pauseMs * tries * (0.5 + Math.random()));
      }
    }
  }
}

import { CompiledQuery, type Kysely } from 'kysely';
import type pg from 'pg';
import type { Tables } from './tables.js';

/** By text, which never changes. */
const names = new Map<string, string>();

/** A statement of PostgreSQL that each connection parses and plans once, and that Kysely need not put together. */
export type PreparedStatement<Row> = (db: Kysely<Tables>, values: readonly unknown[]) => Promise<Row[]>;

/** For what runs for every few jobs: planning takes the server as long as doing it when that is little. */
export function prepared<Row>(name: string, text: string): PreparedStatement<Row> {
  names.set(text, name);
  return async (db, values) => (await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows;
}

/** Lets a new connection send those statements by their names. Kysely knows texts alone. */
export function prepareOn(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (config: pg.QueryConfig) => Promise<pg.QueryResult>;
  const named = (text: string, values: unknown[]): Promise<pg.QueryResult> =>
    query({ name: names.get(text), text, values });
  Object.assign(client, { query: named });
}

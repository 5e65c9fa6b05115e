import { type ElementType, pgArray } from './pg-arrays.js';
import type { Tables } from './tables.js';

/** The tables that rows are inserted into by the many. */
export type Inserted = 'jobs' | 'job_events' | 'asset_uses' | 'assets' | 'statistics';

type Columns<Row> = { readonly [Column in keyof Row]-?: ElementType };

/** Named, since a newer gateway may have added others. */
const columns: { readonly [T in Inserted]: Columns<Tables[T]> } = {
  jobs: {
    id: 'text',
    type: 'text',
    version: 'int4',
    priority: 'text',
    payload: 'text',
    timeout_ms: 'int8',
    created_at: 'text',
    due_at: 'int8',
    status: 'text',
    final: 'int4',
    state: 'text',
    events: 'int4',
    dispatched: 'int4',
    keeper: 'text',
    lease_until: 'int8',
    sending_attempt: 'int4',
    sending_release: 'int4',
    cause: 'text',
    finished_at: 'int8',
    adoptions: 'int4',
    schedule_id: 'text',
    scheduled_for: 'int8',
  },
  job_events: { job_id: 'text', seq: 'int4', id: 'text', body: 'text' },
  asset_uses: { asset_id: 'text', job_id: 'text' },
  assets: {
    id: 'text',
    filename: 'text',
    media_type: 'text',
    bytes: 'int8',
    sha256: 'text',
    created_at: 'text',
    job_id: 'text',
  },
  statistics: {
    step_ms: 'int8',
    at: 'int8',
    type: 'text',
    measure: 'text',
    bin: 'int4',
    count: 'int8',
  },
};

/** The text of an insert on PostgreSQL, as part of a statement; its rows are `arraysOf` them, from the parameter `first` on. */
export function inserting(table: Inserted, first: number, onConflict = ''): string {
  const names = columnsOf(table).join(', ');
  return `insert into ${table} (${names}) select * from ${unnesting(columns[table], first)} ${onConflict}`;
}

export function columnsOf<T extends Inserted>(table: T): readonly (keyof Tables[T] & string)[] {
  return Object.keys(columns[table]) as (keyof Tables[T] & string)[];
}

/** How many parameters an insert takes. */
export function widthOf(table: Inserted): number {
  return columnsOf(table).length;
}

export function arraysOf<T extends Inserted>(table: T, rows: readonly Tables[T][]): Buffer[] {
  return arraysBy(columns[table], rows);
}

/**
 * Rows that come as an array for each column, from the parameter `first` on. Selected, so that the server does not see how many they are: it would plan anew
 * for each number that is small.
 */
export function unnesting(types: Readonly<Record<string, ElementType>>, first: number): string {
  const arrays = Object.values(types).map((type, i) => `(select $${first + i}::${type}[])`);
  return `unnest(${arrays.join(', ')})`;
}

export function arraysBy<Row>(types: Columns<Row>, rows: readonly Row[]): Buffer[] {
  return Object.entries<ElementType>(types).map(([column, type]) =>
    pgArray(
      type,
      rows.map((row) => row[column as keyof Row] ?? null),
    ),
  );
}

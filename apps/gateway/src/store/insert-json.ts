import { sql } from 'kysely';
import type { Tables } from './tables.js';

/** Named, since a newer gateway may have added others. */
const columns = {
  jobs: `id, type, version, priority, payload, timeout_ms, created_at, due_at, status, final, state, events, dispatched, keeper, lease_until,
    sending_attempt, sending_release, cause, finished_at, adoptions, schedule_id, scheduled_for`,
  job_events: 'job_id, seq, id, body',
  asset_uses: 'asset_id, job_id',
  assets: 'id, filename, media_type, bytes, sha256, created_at, job_id',
  statistics: 'step_ms, at, type, measure, bin, count',
} satisfies Partial<Record<keyof Tables, string>>;

/**
 * Inserts rows that PostgreSQL reads from one text, as part of a statement: a parameter for each value would be looked at one by one, by Kysely and by the
 * server. Known rows are passed over unless `conflict` says otherwise.
 */
export function insertJson<T extends keyof typeof columns>(
  table: T,
  rows: readonly Tables[T][],
  conflict = sql`do nothing`,
) {
  const names = sql.raw(columns[table]);
  return sql`insert into ${sql.raw(table)} (${names})
    select ${names} from json_populate_recordset(null::${sql.raw(table)}, ${JSON.stringify(rows)}) on conflict ${conflict}`;
}

import { type Kysely, sql } from 'kysely';
import { insertEvents } from './accept-jobs.js';
import { inChunks } from './in-chunks.js';
import { insertJson } from './insert-json.js';
import { insertAssets } from './sql-asset-register.js';
import { addStatistics } from './sql-statistics.js';
import type { AssetRow, JobEventRow, JobRow, StatisticsRow, Tables } from './tables.js';

export type ChangedJob = Pick<
  JobRow,
  'id' | 'status' | 'final' | 'state' | 'events' | 'dispatched' | 'cause' | 'finished_at'
>;

/** What a batch of events changes. */
export interface ProjectedRows {
  readonly events: readonly JobEventRow[];
  readonly assets: readonly AssetRow[];
  readonly jobs: readonly ChangedJob[];
  readonly statistics: readonly StatisticsRow[];
}

/** Inside the transaction that holds the locks on the jobs. */
export async function writeProjected(db: Kysely<Tables>, rows: ProjectedRows): Promise<void> {
  await insertEvents(db, rows.events);
  await insertAssets(db, rows.assets);
  for (const chunk of inChunks(rows.jobs, 8)) {
    const values = sql.join(chunk.map(valuesOf));
    await sql`
      with changed (id, status, final, state, events, dispatched, cause, finished_at) as (values ${values})
      ${setChanged}`.execute(db);
  }
  await addStatistics(db, rows.statistics);
}

/** The same on PostgreSQL in one statement: one round trip instead of four, and a few texts instead of a parameter for each value. */
export async function writeProjectedTogether(db: Kysely<Tables>, rows: ProjectedRows): Promise<void> {
  const inserts = [
    sql`told as (${insertJson('job_events', rows.events)})`,
    ...(rows.assets.length > 0 ? [sql`made as (${insertJson('assets', rows.assets)})`] : []),
    sql`counted as (${insertJson('statistics', rows.statistics, addCount)})`,
  ];
  await sql`with ${sql.join(inserts)}, changed as (select * from json_to_recordset(${JSON.stringify(rows.jobs)})
      as job (id text, status text, final integer, state text, events integer, dispatched integer, cause text, finished_at bigint))
    ${setChanged}`.execute(db);
}

const setChanged = sql`update jobs set status = changed.status, final = changed.final, state = changed.state, events = changed.events,
  dispatched = changed.dispatched, cause = changed.cause, finished_at = changed.finished_at
  from changed where jobs.id = changed.id`;

const addCount = sql`(step_ms, at, type, measure, bin) do update set count = statistics.count + excluded.count`;

function valuesOf({
  id,
  status,
  final,
  state,
  events,
  dispatched,
  cause,
  finished_at: finishedAt,
}: ChangedJob) {
  return sql`(${id}, ${status}, ${final}, ${state}, ${events}, ${dispatched}, ${cause}, ${finishedAt})`;
}

import { type Kysely, sql } from 'kysely';
import { insertEvents } from './accept-jobs.js';
import { inChunks } from './in-chunks.js';
import { insertAssets } from './sql-asset-register.js';
import { addStatistics } from './sql-statistics.js';
import type { AssetRow, JobEventRow, JobRow, StatisticsRow, Tables } from './tables.js';

export type ChangedJob = Pick<
  JobRow,
  'id' | 'status' | 'final' | 'state' | 'events' | 'dispatched' | 'cause' | 'finished_at'
> & { readonly seen: string | undefined };

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
      ${sql.raw(setChanged)}`.execute(db);
  }
  await addStatistics(db, rows.statistics);
}

/** Cast, since PostgreSQL takes values of a list for texts. */
export const setChanged = `update jobs set status = changed.status, final = cast(changed.final as integer), state = changed.state,
  events = cast(changed.events as integer), dispatched = cast(changed.dispatched as integer), cause = changed.cause,
  finished_at = cast(changed.finished_at as bigint) from changed where jobs.id = changed.id`;

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

import { type AssetFacts, fold, isAfterEnd, isFinal, type JobEvent, type JobState } from '@heavylift/core';
import { type Kysely, sql } from 'kysely';
import { eventRow, insertEvents } from './accept-jobs.js';
import { inChunks } from './in-chunks.js';
import { stateColumns } from './job-rows.js';
import type { Projected } from './job-store.js';
import { insertAssets } from './sql-asset-register.js';
import type { AssetRow, JobEventRow, JobRow, Tables } from './tables.js';

const foldedColumns = ['id', 'state', 'events', 'dispatched', 'sending_attempt', 'sending_release'] as const;

/** A job of the batch, as far as its events are folded in. */
interface Folding {
  readonly row: Pick<JobRow, (typeof foldedColumns)[number]>;
  state: JobState;
  events: number;
}

/** Folds events into their jobs, inside a transaction. Few statements, however many events. */
export async function projectEvents(
  db: Kysely<Tables>,
  events: readonly JobEvent[],
  locksRows: boolean,
): Promise<Projected> {
  const jobs = await readJobs(db, unique(events.map((event) => event.jobId)), locksRows);
  const known = events.filter((event) => jobs.has(event.jobId));
  const fresh = await notRecorded(db, known);
  const { rows, assets, overrun } = foldAll(jobs, fresh);
  const changed = [...jobs.values()].filter((job) => job.events > job.row.events);
  await insertEvents(db, rows);
  await insertAssets(db, assets);
  await updateJobs(db, changed);
  const unknown = unique(events.map((event) => event.jobId)).filter((id) => !jobs.has(id));
  return { changed: changed.map((job) => job.row.id), overrun, unknown };
}

/** Sorted, so that two transactions lock the jobs that they share in one order. */
function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort();
}

async function readJobs(
  db: Kysely<Tables>,
  ids: string[],
  locksRows: boolean,
): Promise<Map<string, Folding>> {
  const jobs = new Map<string, Folding>();
  for (const chunk of inChunks(ids, 1)) {
    const rows = await db
      .selectFrom('jobs')
      .select(foldedColumns)
      .where('id', 'in', chunk)
      .orderBy('id')
      .$if(locksRows, (query) => query.forUpdate())
      .execute();
    for (const row of rows)
      jobs.set(row.id, { row, state: JSON.parse(row.state) as JobState, events: row.events });
  }
  return jobs;
}

/** Asked under the lock on their jobs: nobody else records events of these meanwhile. */
async function notRecorded(db: Kysely<Tables>, events: readonly JobEvent[]): Promise<JobEvent[]> {
  const byId = new Map(events.map((event) => [event.id, event]));
  for (const ids of inChunks([...byId.keys()], 1)) {
    const found = await db.selectFrom('job_events').select('id').where('id', 'in', ids).execute();
    for (const { id } of found) byId.delete(id);
  }
  return [...byId.values()];
}

function foldAll(
  jobs: ReadonlyMap<string, Folding>,
  events: readonly JobEvent[],
): { rows: JobEventRow[]; assets: AssetRow[]; overrun: string[] } {
  const rows: JobEventRow[] = [];
  const assets: AssetRow[] = [];
  const overrun: string[] = [];
  for (const event of events) {
    const job = jobs.get(event.jobId)!;
    if (event.kind === 'started' && isFinal(job.state.status)) overrun.push(event.jobId);
    if (isAfterEnd(job.state, event)) continue;
    const next = fold(job.state, event);
    // It came too late to cancel what it was meant for: nothing was cancelled.
    if (next === job.state && event.kind === 'cancelled') continue;
    if (next !== job.state && event.kind === 'succeeded')
      assets.push(...event.assets.map((asset) => assetRow(asset, event)));
    job.state = next;
    rows.push(eventRow(event, ++job.events));
  }
  return { rows, assets, overrun };
}

function assetRow(asset: AssetFacts, event: JobEvent): AssetRow {
  const { id, filename, mediaType, bytes, sha256 } = asset;
  return { id, filename, media_type: mediaType, bytes, sha256, created_at: event.at, job_id: event.jobId };
}

async function updateJobs(db: Kysely<Tables>, jobs: readonly Folding[]): Promise<void> {
  for (const chunk of inChunks(jobs, 6)) {
    const values = sql.join(chunk.map(updatedValues));
    await sql`
      with changed (id, status, final, state, events, dispatched) as (values ${values})
      update jobs set status = changed.status, final = changed.final, state = changed.state,
        events = changed.events, dispatched = changed.dispatched
      from changed where jobs.id = changed.id`.execute(db);
  }
}

/** Numbers are cast because PostgreSQL takes an unknown value for text. */
function updatedValues({ row, state, events }: Folding) {
  const columns = stateColumns(state);
  const dispatched = row.dispatched || columns.final || (isUnderWay(row, state) ? 1 : 0);
  return sql`(${row.id}, ${columns.status}, cast(${columns.final} as integer), ${columns.state},
    cast(${events} as integer), cast(${dispatched} as integer))`;
}

/** A worker told of the run that was being sent, so the message arrived, confirmed or not. */
function isUnderWay(row: Folding['row'], state: JobState): boolean {
  const { sending_attempt: attempt, sending_release: release } = row;
  if (attempt === null || release === null) return false;
  return state.attempt > attempt || (state.attempt === attempt && state.release >= release);
}

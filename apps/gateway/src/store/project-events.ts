import type { AssetFacts, JobEvent, JobState } from '@heavylift/core';
import { isFinal, isSurelyNew, record } from '@heavylift/core/job-life';
import type { Kysely } from 'kysely';
import { eventRow } from './accept-jobs.js';
import { causeOf } from './cause-of.js';
import { selectExpired } from './sql-expiry.js';
import { inChunks } from './in-chunks.js';
import { stateColumns } from './job-rows.js';
import type { Projected } from './job-store.js';
import { Statistics } from './statistics.js';
import type { AssetRow, JobEventRow, JobRow, Tables } from './tables.js';
import { type ChangedJob, type ProjectedRows, writeProjected } from './write-projected.js';

export const foldedColumns = [
  'id',
  'type',
  'cause',
  'state',
  'events',
  'dispatched',
  'sending_attempt',
  'sending_release',
  'adoptions',
] as const;

/** `seen` is the version of a row that was read without a lock. */
export type FoldedRow = Pick<JobRow, (typeof foldedColumns)[number]> & { readonly seen?: string };

/** How jobs are read and written, so that nobody else changes them in between. */
export interface JobAccess {
  read(ids: readonly string[]): Promise<readonly FoldedRow[]>;
  write(rows: ProjectedRows): Promise<void>;
}

/** A job of the batch, as far as its events are folded in. */
interface Folding {
  readonly row: FoldedRow;
  readonly hadEnded: boolean;
  state: JobState;
  events: number;
}

/** On PostgreSQL, inside a transaction: other transactions wait for these rows. */
export function lockedJobs(db: Kysely<Tables>): JobAccess {
  return { read: (ids) => readLocked(db, ids), write: (rows) => writeProjected(db, rows) };
}

/** Folds events into their jobs. Few statements, however many events. */
export async function projectEvents(
  db: Kysely<Tables>,
  events: readonly JobEvent[],
  { access, now }: { readonly access: JobAccess; readonly now: number },
): Promise<Projected> {
  const jobs = foldingOf(await access.read(unique(events.map((event) => event.jobId))));
  const known = events.filter((event) => jobs.has(event.jobId));
  const fresh = await notRecorded(db, known, jobs);
  const statistics = new Statistics(now);
  const { rows, assets, overrun } = foldAll(jobs, fresh, statistics);
  const changed = [...jobs.values()].filter((job) => job.events > job.row.events);
  if (changed.length > 0) {
    const changes = changed.map((job) => changeOf(job, now));
    await access.write({ events: rows, assets, jobs: changes, statistics: statistics.rows });
  }
  const missing = events.filter((event) => !jobs.has(event.jobId));
  const begun = missing.filter(({ kind }) => kind === 'started');
  overrun.push(...(await selectExpired(db, unique(begun.map((event) => event.jobId)))));
  const unknown = unique(missing.map((event) => event.jobId));
  return { changed: changed.map((job) => job.row.id), overrun, unknown };
}

/** Sorted, so that two transactions lock the jobs that they share in one order. */
function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort();
}

async function readLocked(db: Kysely<Tables>, ids: readonly string[]): Promise<FoldedRow[]> {
  const rows: FoldedRow[] = [];
  for (const chunk of inChunks(ids, 1))
    rows.push(
      ...(await db
        .selectFrom('jobs')
        .select(foldedColumns)
        .where('id', 'in', chunk)
        .orderBy('id')
        .forUpdate()
        .execute()),
    );
  return rows;
}

function foldingOf(rows: readonly FoldedRow[]): Map<string, Folding> {
  const foldings = rows.map((row): Folding => {
    const state = JSON.parse(row.state) as JobState;
    return { row, state, hadEnded: isFinal(state.status), events: row.events };
  });
  return new Map(foldings.map((folding) => [folding.row.id, folding]));
}

/**
 * Asked while nobody else can record events of these jobs, or that would be seen when they are written. Nearly all need no asking: they are later than
 * all that their jobs have been through, so that they cannot be in the history yet.
 */
async function notRecorded(
  db: Kysely<Tables>,
  events: readonly JobEvent[],
  jobs: ReadonlyMap<string, Folding>,
): Promise<JobEvent[]> {
  const byId = new Map(events.map((event) => [event.id, event]));
  for (const ids of inChunks(doubtful([...byId.values()], jobs), 1)) {
    const found = await db.selectFrom('job_events').select('id').where('id', 'in', ids).execute();
    for (const { id } of found) byId.delete(id);
  }
  return [...byId.values()];
}

/** Which events may have been recorded before. One that turns out to be changes nothing for the others: what is later with it is so without. */
function doubtful(events: readonly JobEvent[], jobs: ReadonlyMap<string, Folding>): string[] {
  const states = new Map<string, JobState>();
  const ids: string[] = [];
  for (const event of events) {
    const state = states.get(event.jobId) ?? jobs.get(event.jobId)!.state;
    if (!isSurelyNew(state, event)) ids.push(event.id);
    states.set(event.jobId, record(state, event)?.state ?? state);
  }
  return ids;
}

function foldAll(
  jobs: ReadonlyMap<string, Folding>,
  events: readonly JobEvent[],
  statistics: Statistics,
): { rows: JobEventRow[]; assets: AssetRow[]; overrun: string[] } {
  const rows: JobEventRow[] = [];
  const assets: AssetRow[] = [];
  const overrun: string[] = [];
  for (const event of events) {
    const job = jobs.get(event.jobId)!;
    if (event.kind === 'started' && isFinal(job.state.status)) overrun.push(event.jobId);
    const recorded = record(job.state, event);
    if (!recorded) continue;
    if (event.kind === 'succeeded' && !recorded.event.late)
      assets.push(...event.assets.map((asset) => assetRow(asset, event)));
    if (!recorded.event.late) statistics.add(event, job.state, recorded.state);
    job.state = recorded.state;
    rows.push(eventRow(recorded.event, ++job.events));
  }
  return { rows, assets, overrun };
}

function assetRow(asset: AssetFacts, event: JobEvent): AssetRow {
  const { id, filename, mediaType, bytes, sha256 } = asset;
  return { id, filename, media_type: mediaType, bytes, sha256, created_at: event.at, job_id: event.jobId };
}

function changeOf(job: Folding, now: number): ChangedJob {
  const { row, state, events } = job;
  const columns = stateColumns(state);
  const dispatched = row.dispatched || columns.final || (isUnderWay(row, state) ? 1 : 0);
  return { id: row.id, seen: row.seen, ...columns, events, dispatched, ...endColumns(job, now) };
}

/** The columns that follow from how a job ended. What had failed before stays as it is, discarded or not. A worker's clock may be ahead. */
function endColumns({ row, state, hadEnded }: Folding, now: number): Pick<JobRow, 'cause' | 'finished_at'> {
  const told = isFinal(state.status) && state.finishedAt ? Date.parse(state.finishedAt) : null;
  const finished_at = told && Math.min(told, now);
  if (state.status !== 'failed' || !state.error) return { cause: null, finished_at };
  return { cause: hadEnded ? row.cause : causeOf(row.type, state.error), finished_at };
}

/** A worker told of the run that was being sent, so the message arrived, confirmed or not. Of an adopted job, one of the old keeper's may have told it. */
function isUnderWay(row: Folding['row'], state: JobState): boolean {
  const { sending_attempt: attempt, sending_release: release, adoptions } = row;
  if (attempt === null || release === null || adoptions > 0) return false;
  return state.attempt > attempt || (state.attempt === attempt && state.release >= release);
}

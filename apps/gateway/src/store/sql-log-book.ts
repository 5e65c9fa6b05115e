import type { LoggedEvent, LogLine } from '@heavylift/core';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.js';
import { inChunks } from './in-chunks.js';
import { arraysBy, unnesting } from './insert-rows.js';
import { type LogBatch, mostLogLines } from './log-book.js';
import { prepared } from './prepared.js';
import type { JobLogRow, Tables } from './tables.js';
import { wasChanged } from './unlocked-jobs.js';

const types = {
  job_id: 'text',
  run: 'text',
  batch: 'int4',
  seq: 'int4',
  attempt: 'int4',
  release: 'int4',
  size: 'int4',
  left_out: 'int4',
  total: 'int4',
  lines: 'text',
} as const;
const columns = Object.keys(types);

/** On PostgreSQL without locks, unless somebody keeps lines of one of the jobs at this moment, or one has as many as are kept. */
export async function keepLogs(database: Database, logged: readonly LoggedEvent[]): Promise<void> {
  if (database.isPostgres && (await keptUnlocked(database, logged))) return;
  await database.write((db) => insertLogs(db, logged, database.isPostgres));
}

async function keptUnlocked(database: Database, logged: readonly LoggedEvent[]): Promise<boolean> {
  const numbers = new Map(logged.map(({ jobId }) => [jobId, 0]));
  const rows = logged.map((event) => rowOf(event, numbers)).sort((a, b) => (a.job_id < b.job_id ? -1 : 1));
  try {
    await database.change((db) => keeping(db, arraysBy(types, rows)));
    return true;
  } catch (error) {
    if (wasChanged(error)) return false;
    throw error;
  }
}

/**
 * One round trip instead of six. Numbers grow by commit, so that who reads after one misses none: each is one more than what is committed, and the index of
 * numbers refuses one that is taken meanwhile. Divides by zero when lines would have to be trimmed.
 */
const keeping = prepared(
  'keep-logs',
  `with logged as (select * from ${unnesting(types, 1)} as logged (${columns.join(', ')})),
    kept as (
      insert into job_logs (${columns.join(', ')})
      select ${columns.map((column) => (column === 'seq' ? `seq + ${ofKnown('max(seq)')}` : column)).join(', ')}
      from logged where exists (select from jobs where jobs.id = logged.job_id)
      on conflict (job_id, run, batch) do nothing)
  select 1 / (count(*) = 0)::int from (
    select 1 from logged group by job_id having sum(size) + ${ofKnown('sum(size)')} > ${mostLogLines}) as too_long`,
);

/** Of what is kept of the job already. */
function ofKnown(value: string): string {
  return `coalesce((select ${value} from job_logs as known where known.job_id = logged.job_id), 0)`;
}

/** Inside a transaction. A statement for each step, however many jobs and lines. */
async function insertLogs(
  db: Kysely<Tables>,
  logged: readonly LoggedEvent[],
  locksRows: boolean,
): Promise<void> {
  const lastSeq = await lockJobs(db, [...new Set(logged.map(({ jobId }) => jobId))].sort(), locksRows);
  const known = logged.filter(({ jobId }) => lastSeq.has(jobId));
  for (const chunk of inChunks(known, columns.length))
    await db
      .insertInto('job_logs')
      .values(chunk.map((event) => rowOf(event, lastSeq)))
      .onConflict((conflict) => conflict.columns(['job_id', 'run', 'batch']).doNothing())
      .execute();
  await trim(db, await tooLong(db, [...lastSeq.keys()]));
}

/** Numbers that grow by commit: who reads after one misses none. Hence the lock on the job. */
async function lockJobs(
  db: Kysely<Tables>,
  ids: readonly string[],
  locksRows: boolean,
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const jobs = await db
    .selectFrom('jobs')
    .select('id')
    .where('id', 'in', ids)
    .orderBy('id')
    .$if(locksRows, (query) => query.forUpdate())
    .execute();
  const last = await db
    .selectFrom('job_logs')
    .select((select) => ['job_id', select.fn.max('seq').as('seq')])
    .where('job_id', 'in', ids)
    .groupBy('job_id')
    .execute();
  const seqs = new Map(last.map(({ job_id, seq }) => [job_id, seq]));
  return new Map(jobs.map(({ id }) => [id, seqs.get(id) ?? 0]));
}

function rowOf(event: LoggedEvent, lastSeq: Map<string, number>): JobLogRow {
  const seq = lastSeq.get(event.jobId)! + 1;
  lastSeq.set(event.jobId, seq);
  const lines = event.lines.slice(-mostLogLines);
  return {
    job_id: event.jobId,
    run: event.run,
    batch: event.batch,
    seq,
    attempt: event.attempt,
    release: event.release,
    size: lines.length,
    left_out: event.leftOut,
    total: event.total,
    lines: JSON.stringify(lines),
  };
}

async function tooLong(db: Kysely<Tables>, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('job_logs')
    .select('job_id')
    .where('job_id', 'in', ids)
    .groupBy('job_id')
    .having((having) => having.fn.sum('size'), '>', mostLogLines)
    .execute();
  return rows.map((row) => row.job_id);
}

/** Takes away what has enough newer lines. The last of each run stays, emptied: it tells how much the run wrote. */
async function trim(db: Kysely<Tables>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const ranked = sql`
    select job_id, run, batch, max(batch) over (partition by job_id, run) as last,
      sum(size) over (partition by job_id order by attempt desc, "release" desc, run desc, batch desc) - size as newer
    from job_logs where job_id in (${sql.join(ids)})`;
  const old = sql`select job_id, run, batch from (${ranked}) as ranked where newer >= ${sql.lit(mostLogLines)}`;
  await sql`delete from job_logs where (job_id, run, batch) in (${old} and batch < last)`.execute(db);
  await sql`update job_logs set lines = '[]', size = 0, left_out = 0
    where (job_id, run, batch) in (${old}) and size > 0`.execute(db);
}

export async function selectLogs(db: Kysely<Tables>, jobId: string, afterSeq: number): Promise<LogBatch[]> {
  const rows = await db
    .selectFrom('job_logs')
    .select(['seq', 'attempt', 'run', 'lines', 'left_out', 'total'])
    .where('job_id', '=', jobId)
    .where('seq', '>', afterSeq)
    .orderBy('attempt')
    .orderBy('release')
    .orderBy('run')
    .orderBy('batch')
    .execute();
  return rows.map(({ left_out: leftOut, lines, ...batch }) => ({
    ...batch,
    leftOut,
    lines: JSON.parse(lines) as LogLine[],
  }));
}

export async function lastLog(db: Kysely<Tables>, jobId: string): Promise<number> {
  const row = await db
    .selectFrom('job_logs')
    .select((select) => select.fn.max<number | null>('seq').as('seq'))
    .where('job_id', '=', jobId)
    .executeTakeFirst();
  return row?.seq ?? 0;
}

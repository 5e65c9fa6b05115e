import type { LoggedEvent, LogLine } from '@heavylift/core';
import { type Kysely, sql } from 'kysely';
import { inChunks } from './in-chunks.js';
import { type LogBatch, mostLogLines } from './log-book.js';
import type { JobLogRow, Tables } from './tables.js';

const columns = 10;

/** Inside a transaction. A statement for each step, however many jobs and lines. */
export async function insertLogs(
  db: Kysely<Tables>,
  logged: readonly LoggedEvent[],
  locksRows: boolean,
): Promise<void> {
  const lastSeq = await lockJobs(db, [...new Set(logged.map(({ jobId }) => jobId))].sort(), locksRows);
  const known = logged.filter(({ jobId }) => lastSeq.has(jobId));
  for (const chunk of inChunks(known, columns))
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

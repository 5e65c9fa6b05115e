import { type Kysely, sql } from 'kysely';
import { resultsNamedIn } from './asset-uses.js';
import { inChunks } from './in-chunks.js';
import type { Tables } from './tables.js';

/** Which jobs expire; moments in milliseconds since 1970. */
export interface Expiring {
  readonly before: number;
  readonly limit: number;
  readonly now: number;
  readonly locksRows: boolean;
}

/** More events are not removed at once, unless one job alone has them: on SQLite everybody waits meanwhile. */
const mostEvents = 5_000;

/** Inside a transaction. */
export async function removeExpired(db: Kysely<Tables>, expiring: Expiring): Promise<number> {
  const ids = await removeJobs(db, await findExpiring(db, expiring), expiring);
  if (ids.length === 0) return 0;
  await db.deleteFrom('job_events').where('job_id', 'in', ids).execute();
  const uses = await db.deleteFrom('asset_uses').where('job_id', 'in', ids).returning('asset_id').execute();
  const used = uses.map(({ asset_id }) => asset_id);
  await removeUnused(db, [...(await madeBy(db, ids)), ...used], expiring.locksRows);
  await db
    .insertInto('expired_jobs')
    .values(ids.map((id) => ({ id, expired_at: expiring.now })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return ids.length;
}

/** Those that another gateway is at are left to it. */
async function findExpiring(db: Kysely<Tables>, { before, limit, locksRows }: Expiring): Promise<string[]> {
  const rows = await db
    .selectFrom('jobs')
    .select(['id', 'events'])
    .where(expires(before))
    .orderBy('finished_at')
    .limit(limit)
    .$if(locksRows, (query) => query.forUpdate().skipLocked())
    .execute();
  let events = 0;
  const end = rows.findIndex((row) => (events += row.events) > mostEvents);
  return rows.slice(0, end === -1 ? rows.length : Math.max(1, end)).map(({ id }) => id);
}

async function removeJobs(
  db: Kysely<Tables>,
  ids: readonly string[],
  { before }: Expiring,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const removed = await db
    .deleteFrom('jobs')
    .where('id', 'in', ids)
    .where(expires(before))
    .returning('id')
    .execute();
  return removed.map(({ id }) => id);
}

/** `final` is literal, not bound: else the planner could not know that the partial index covers it. No job expires for the wrong clock of its worker. */
function expires(before: number) {
  return sql<boolean>`final = 1 and finished_at < ${before} and created_at < ${new Date(before).toISOString()}`;
}

async function madeBy(db: Kysely<Tables>, jobIds: readonly string[]): Promise<string[]> {
  const rows = await db.selectFrom('assets').select('id').where('job_id', 'in', jobIds).execute();
  return rows.map(({ id }) => id);
}

/** Of these files, removes the entries of those whose job is gone, and that neither a job nor a schedule names. Uploads have no job, and stay. */
async function removeUnused(
  db: Kysely<Tables>,
  candidates: readonly string[],
  locksRows: boolean,
): Promise<void> {
  if (candidates.length === 0) return;
  const scheduled = await namedBySchedules(db);
  const ids = [...new Set(candidates)].filter((id) => !scheduled.has(id)).sort();
  for (const chunk of inChunks(ids, 1)) {
    // Two that remove the maker and the user of one file must see each other.
    if (locksRows)
      await db.selectFrom('assets').select('id').where('id', 'in', chunk).orderBy('id').forUpdate().execute();
    await db
      .deleteFrom('assets')
      .where('id', 'in', chunk)
      .where('job_id', 'is not', null)
      .where(sql<boolean>`not exists (select 1 from jobs where jobs.id = assets.job_id)`)
      .where(sql<boolean>`not exists (select 1 from asset_uses where asset_uses.asset_id = assets.id)`)
      .execute();
  }
}

async function namedBySchedules(db: Kysely<Tables>): Promise<Set<string>> {
  const schedules = await db.selectFrom('schedules').select('payload').execute();
  return new Set(schedules.flatMap(({ payload }) => resultsNamedIn(payload)));
}

export async function expiredAt(db: Kysely<Tables>, id: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('expired_jobs')
    .select('expired_at')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.expired_at;
}

/** Which of these jobs have expired. */
export async function selectExpired(db: Kysely<Tables>, ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const chunk of inChunks(ids, 1)) {
    const rows = await db.selectFrom('expired_jobs').select('id').where('id', 'in', chunk).execute();
    found.push(...rows.map(({ id }) => id));
  }
  return found;
}

/** Inside a transaction. */
export async function forgetExpired(
  db: Kysely<Tables>,
  { before, limit, locksRows }: Omit<Expiring, 'now'>,
): Promise<number> {
  const oldest = db
    .selectFrom('expired_jobs')
    .select('id')
    .where('expired_at', '<', before)
    .orderBy('expired_at')
    .limit(limit)
    .$if(locksRows, (query) => query.forUpdate().skipLocked());
  const { numDeletedRows } = await db.deleteFrom('expired_jobs').where('id', 'in', oldest).executeTakeFirst();
  return Number(numDeletedRows);
}

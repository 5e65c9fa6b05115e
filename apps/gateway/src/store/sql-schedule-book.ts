import type { Kysely } from 'kysely';
import { insertAccepted, rowsOfAccepted } from './accept-jobs.js';
import type { Database } from './database.js';
import {
  type EditSchedule,
  type Later,
  type PlannedTicks,
  type PlanTicks,
  ScheduleNameTakenError,
  type ScheduleRecord,
  type Ticked,
  type Ticking,
} from './schedule-book.js';
import { rowOfSchedule, scheduleOf } from './schedule-rows.js';
import type { Tables } from './tables.js';

/** PostgreSQL's and SQLite's codes for a value that a unique index has already. */
const uniqueViolations: ReadonlySet<unknown> = new Set(['23505', 2067]);

/** @throws {ScheduleNameTakenError} in place of the database's own error */
export async function refusingTakenName<T>(nameOf: () => string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, errcode } = error as { code?: unknown; errcode?: unknown };
    if (!uniqueViolations.has(code) && !uniqueViolations.has(errcode)) throw error;
    throw new ScheduleNameTakenError(nameOf(), { cause: error });
  }
}

/** A known id is passed over, so that an unclear commit can be repeated. */
export async function insertSchedule(db: Kysely<Tables>, schedule: ScheduleRecord): Promise<void> {
  await db
    .insertInto('schedules')
    .values(rowOfSchedule(schedule))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

export async function selectSchedule(
  db: Kysely<Tables>,
  id: string,
  locks = false,
): Promise<ScheduleRecord | undefined> {
  const row = await db
    .selectFrom('schedules')
    .selectAll()
    .where('id', '=', id)
    .$if(locks, (query) => query.forUpdate())
    .executeTakeFirst();
  return row && scheduleOf(row);
}

export async function selectSchedules(
  db: Kysely<Tables>,
  limit: number,
  afterName?: string,
): Promise<ScheduleRecord[]> {
  const rows = await db
    .selectFrom('schedules')
    .selectAll()
    .$if(afterName !== undefined, (query) => query.where('name', '>', afterName!))
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(scheduleOf);
}

export function editSchedule(
  database: Database,
  id: string,
  edit: Later<EditSchedule>,
): Promise<ScheduleRecord | undefined> {
  let name = '';
  const work = (): Promise<ScheduleRecord | undefined> =>
    database.write(async (db) => {
      const current = await selectSchedule(db, id, database.isPostgres);
      const edited = current && (await edit(current));
      if (!edited) return current;
      name = edited.name;
      await db.updateTable('schedules').set(rowOfSchedule(edited)).where('id', '=', id).execute();
      return edited;
    });
  return refusingTakenName(() => name, work);
}

export async function deleteSchedule(db: Kysely<Tables>, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('schedules').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function setLastRun(
  db: Kysely<Tables>,
  id: string,
  { at, jobId }: { readonly at: number; readonly jobId: string },
): Promise<void> {
  await db
    .updateTable('schedules')
    .set({ last_run_at: at, last_job_id: jobId })
    .where('id', '=', id)
    .execute();
}

export async function nextTick(db: Kysely<Tables>, jobTypes: readonly string[]): Promise<number | undefined> {
  const row = await db
    .selectFrom('schedules')
    .select('next_run_at')
    .where('next_run_at', 'is not', null)
    .where('type', 'in', jobTypes)
    .orderBy('next_run_at')
    .limit(1)
    .executeTakeFirst();
  return row?.next_run_at ?? undefined;
}

/** Inside a transaction: the rows stay locked until the jobs are in, so a tick is taken once, and never half. */
export async function tick(
  db: Kysely<Tables>,
  ticking: Ticking & { readonly now: number; readonly locksRows: boolean },
  plan: Later<PlanTicks>,
): Promise<Ticked> {
  const { now, mostJobs } = ticking;
  const due = await takeDue(db, ticking);
  const share = Math.max(1, Math.floor(mostJobs / due.length));
  const planned = await Promise.all(
    due.map(async (schedule) => ({ id: schedule.id, ...(await plan(schedule, now, share)) })),
  );
  const jobs = planned.flatMap((one) => one.jobs);
  if (jobs.length > 0) await insertAccepted(db, rowsOfAccepted(jobs, now), ticking.locksRows);
  for (const one of planned) await advance(db, one, now);
  return { schedules: due.length, jobs: jobs.length };
}

async function takeDue(
  db: Kysely<Tables>,
  { jobTypes, mostSchedules, now, locksRows }: Parameters<typeof tick>[1],
): Promise<ScheduleRecord[]> {
  const rows = await db
    .selectFrom('schedules')
    .selectAll()
    .where('next_run_at', '<=', now)
    .where('type', 'in', jobTypes)
    .orderBy('next_run_at')
    .limit(mostSchedules)
    .$if(locksRows, (query) => query.forUpdate().skipLocked())
    .execute();
  return rows.map(scheduleOf);
}

async function advance(
  db: Kysely<Tables>,
  { id, jobs, nextRunAt }: PlannedTicks & { readonly id: string },
  now: number,
): Promise<void> {
  const last = jobs.at(-1);
  await db
    .updateTable('schedules')
    .set({
      next_run_at: nextRunAt === undefined ? null : Date.parse(nextRunAt),
      ...(last ? { last_run_at: now, last_job_id: last.id } : {}),
    })
    .where('id', '=', id)
    .execute();
}

import { type JobState, priorities, type Priority } from '@heavylift/core';
import { type Expression, type Kysely, sql } from 'kysely';
import type { JobPlace, QueueTally } from './control-store.js';
import type { Tables } from './tables.js';

/** Literal, not bound: else the planner could not know that the partial index covers it. */
const isQueued = sql<boolean>`status = 'queued'`;
/** A job that was redriven is due since long, but waits since then: so a few are looked at. */
const oldestLookedAt = 10;

export async function tallyOf(db: Kysely<Tables>, jobType: string): Promise<QueueTally> {
  const { running } = await db
    .selectFrom('jobs')
    .select((select) => select.fn.countAll<number>().as('running'))
    .where('type', '=', jobType)
    .where('status', '=', 'running')
    .executeTakeFirstOrThrow();
  const oldestAt = await oldestOf(db, jobType);
  return { running, ...(oldestAt === undefined ? {} : { oldestAt }) };
}

export async function waitingOf(db: Kysely<Tables>, jobType: string): Promise<Record<Priority, number>> {
  const waiting = await Promise.all(priorities.map((priority) => count(db, jobType, priority)));
  return Object.fromEntries(priorities.map((priority, i) => [priority, waiting[i]])) as Record<
    Priority,
    number
  >;
}

async function oldestOf(db: Kysely<Tables>, jobType: string): Promise<string | undefined> {
  const moments: string[] = [];
  for (const priority of priorities) {
    const rows = await db
      .selectFrom('jobs')
      .select(['state', 'created_at'])
      .where('type', '=', jobType)
      .where('priority', '=', priority)
      .where(isQueued)
      .orderBy('due_at')
      .orderBy('id')
      .limit(oldestLookedAt)
      .execute();
    for (const row of rows) moments.push((JSON.parse(row.state) as JobState).queuedAt ?? row.created_at);
  }
  return moments.toSorted()[0];
}

export async function placeOf(db: Kysely<Tables>, jobId: string): Promise<JobPlace | undefined> {
  const job = await db
    .selectFrom('jobs')
    .select(['type', 'priority', 'due_at', 'dispatched'])
    .where('id', '=', jobId)
    .where(isQueued)
    .executeTakeFirst();
  if (!job) return undefined;
  const isBefore = sql<boolean>`(due_at, id) < (${job.due_at}, ${jobId})`;
  const before = await count(db, job.type, job.priority, isBefore);
  let ahead = before;
  for (const higher of priorities.slice(0, priorities.indexOf(job.priority)))
    ahead += await count(db, job.type, higher);
  return { dispatched: job.dispatched === 1, position: before + 1, ahead };
}

async function count(
  db: Kysely<Tables>,
  type: string,
  priority: Priority,
  which?: Expression<boolean>,
): Promise<number> {
  const { jobs } = await db
    .selectFrom('jobs')
    .select((select) => select.fn.countAll<number>().as('jobs'))
    .where('type', '=', type)
    .where('priority', '=', priority)
    .where(isQueued)
    .$if(which !== undefined, (query) => query.where(which!))
    .executeTakeFirstOrThrow();
  return jobs;
}

import { randomUUID } from 'node:crypto';
import type { JobEvent, JobState } from '@heavylift/core';
import { fold } from '@heavylift/core/job-life';
import type { Kysely } from 'kysely';
import { eventRow, insertEvents } from './accept-jobs.js';
import { noteUses } from './asset-uses.js';
import type { CauseRecord, RedriveOrder } from './dead-letter-book.js';
import { inChunks } from './in-chunks.js';
import { recordColumns, recordOf, stateColumns } from './job-rows.js';
import type { JobRow, Tables } from './tables.js';

export async function selectCauses(
  db: Kysely<Tables>,
  { type, limit }: { readonly type?: string; readonly limit: number },
): Promise<CauseRecord[]> {
  const groups = await db
    .selectFrom('jobs')
    .select((select) => [
      'cause',
      select.fn.countAll<number>().as('jobs'),
      select.fn.min('finished_at').as('firstAt'),
      select.fn.max('finished_at').as('lastAt'),
      select.fn.max('id').as('youngest'),
    ])
    .where('cause', 'is not', null)
    .$if(type !== undefined, (query) => query.where('type', '=', type!))
    .groupBy('cause')
    .orderBy('jobs', 'desc')
    .orderBy('cause')
    .limit(limit)
    .execute();
  const examples = await examplesOf(
    db,
    groups.map(({ youngest }) => youngest),
  );
  return groups.flatMap(({ cause, jobs, firstAt, lastAt, youngest }) => {
    const example = examples.get(youngest);
    if (!example) return [];
    const facts = { cause: cause!, type: example.type, jobs: Number(jobs) };
    return [{ ...facts, firstAt: firstAt ?? 0, lastAt: lastAt ?? 0, example }];
  });
}

type Example = CauseRecord['example'];

async function examplesOf(db: Kysely<Tables>, ids: readonly string[]): Promise<Map<string, Example>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('jobs').select(recordColumns).where('id', 'in', ids).execute();
  const failed = rows.map(recordOf).filter((job): job is Example => job.error !== undefined);
  return new Map(failed.map((job) => [job.id, job]));
}

const redrivenColumns = ['id', 'type', 'payload', 'due_at', 'state', 'events', 'sending_attempt'] as const;

/** Inside a transaction. */
export async function redriveJobs(
  db: Kysely<Tables>,
  orders: readonly RedriveOrder[],
  { locksRows, now }: { readonly locksRows: boolean; readonly now: number },
): Promise<string[]> {
  const byId = new Map(orders.map((order) => [order.id, order]));
  const redriven: string[] = [];
  for (const ids of inChunks([...byId.keys()].sort(), 1)) {
    const rows = await db
      .selectFrom('jobs')
      .select(redrivenColumns)
      .where('id', 'in', ids)
      .orderBy('id')
      .$if(locksRows, (query) => query.forUpdate())
      .execute();
    for (const row of rows) if (await redrive(db, row, byId.get(row.id)!, now)) redriven.push(row.id);
  }
  return redriven;
}

/** Under an attempt that no message of the job had before, so that what is left of those cannot pass for it. */
async function redrive(
  db: Kysely<Tables>,
  row: Pick<JobRow, (typeof redrivenColumns)[number]>,
  order: RedriveOrder,
  now: number,
): Promise<boolean> {
  const before = JSON.parse(row.state) as JobState;
  const event = redrivenEvent(row, before, order.attempts, now);
  const state = fold(before, event);
  if (state === before) return false;
  const payload = order.payload === undefined ? row.payload : JSON.stringify(order.payload);
  await noteUses(db, [{ id: row.id, payload }]);
  await insertEvents(db, [eventRow(event, row.events + 1)]);
  await db
    .updateTable('jobs')
    .set({
      ...stateColumns(state),
      payload,
      due_at: order.dueAt ?? now,
      cause: null,
      finished_at: null,
      events: row.events + 1,
      dispatched: 0,
      keeper: null,
      lease_until: 0,
      sending_attempt: null,
      sending_release: null,
    })
    .where('id', '=', row.id)
    .execute();
  return true;
}

function redrivenEvent(
  row: Pick<JobRow, 'id' | 'type' | 'sending_attempt'>,
  state: JobState,
  attempts: number,
  now: number,
): JobEvent {
  // Workers drop what they get of a cancelled job, up to the attempt after the one that it stood at.
  const told = state.status === 'cancelled' ? state.attempt + 1 : state.attempt;
  const attempt = Math.max(told, row.sending_attempt ?? 0);
  return {
    kind: 'redriven',
    id: randomUUID(),
    jobId: row.id,
    jobType: row.type,
    attempt,
    release: state.release,
    maxAttempts: attempt + attempts,
    at: new Date(now).toISOString(),
  };
}

/** Inside a transaction. */
export async function discardJobs(db: Kysely<Tables>, ids: readonly string[]): Promise<string[]> {
  const discarded: string[] = [];
  for (const chunk of inChunks([...ids].sort(), 1)) {
    const rows = await db
      .updateTable('jobs')
      .set({ cause: null })
      .where('id', 'in', chunk)
      .where('cause', 'is not', null)
      .returning('id')
      .execute();
    discarded.push(...rows.map(({ id }) => id));
  }
  return discarded;
}

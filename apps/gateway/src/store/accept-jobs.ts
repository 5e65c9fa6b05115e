import { type JobState, nextSending, type RecordedEvent } from '@heavylift/core';
import type { Kysely } from 'kysely';
import { noteUses } from './asset-uses.js';
import { inChunks } from './in-chunks.js';
import { rowOfNew, type SendingColumns, stateOfAccepted, unsent } from './job-rows.js';
import type { NewJob } from './job-store.js';
import type { Hold } from './outbox.js';
import { queuedEvent } from './queued-event.js';
import type { JobEventRow, JobRow, Tables } from './tables.js';

/** Inserts jobs and the first event of those that are due. A known id is passed over, so that an unclear commit can be repeated. */
export async function acceptJobs(
  db: Kysely<Tables>,
  jobs: readonly NewJob[],
  now: number,
  hold?: Hold,
): Promise<void> {
  const accepted = jobs.map((job) => newRows(job, now, hold));
  for (const rows of inChunks(accepted, jobValues))
    await db
      .insertInto('jobs')
      .values(rows.map(({ row }) => row))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  await noteUses(
    db,
    accepted.map(({ row }) => row),
  );
  await insertEvents(
    db,
    accepted.flatMap(({ event }) => event ?? []),
  );
}

const jobValues = 22;
const eventValues = 4;

function newRows(job: NewJob, now: number, hold?: Hold): { row: JobRow; event?: JobEventRow } {
  const state = stateOfAccepted(job, now);
  if (state.status === 'scheduled') return { row: rowOfNew(job, state, 0) };
  const sending = hold && job.dueAt === undefined ? sendingUnder(hold, state, now) : unsent;
  return { row: rowOfNew(job, state, 1, sending), event: eventRow(queuedEvent(job, job.createdAt), 1) };
}

function sendingUnder({ keeper, leaseMs }: Hold, state: JobState, now: number): SendingColumns {
  const { attempt, release } = nextSending(state);
  return { keeper, lease_until: now + leaseMs, sending_attempt: attempt, sending_release: release };
}

export function eventRow(event: RecordedEvent, seq: number): JobEventRow {
  return { job_id: event.jobId, seq, id: event.id, body: JSON.stringify(event) };
}

/** A known id is passed over. */
export async function insertEvents(db: Kysely<Tables>, rows: readonly JobEventRow[]): Promise<void> {
  for (const chunk of inChunks(rows, eventValues))
    await db
      .insertInto('job_events')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

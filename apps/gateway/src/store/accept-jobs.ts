import type { RecordedEvent } from '@heavylift/core';
import type { Kysely } from 'kysely';
import { noteUses } from './asset-uses.js';
import { inChunks } from './in-chunks.js';
import { rowOfNew, stateOfAccepted } from './job-rows.js';
import type { NewJob } from './job-store.js';
import { queuedEvent } from './queued-event.js';
import type { JobEventRow, JobRow, Tables } from './tables.js';

/** Inserts jobs and the first event of those that are due. A known id is passed over, so that an unclear commit can be repeated. */
export async function acceptJobs(db: Kysely<Tables>, jobs: readonly NewJob[], now: number): Promise<void> {
  const accepted = jobs.map((job) => newRows(job, now));
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

function newRows(job: NewJob, now: number): { row: JobRow; event?: JobEventRow } {
  const state = stateOfAccepted(job, now);
  if (state.status === 'scheduled') return { row: rowOfNew(job, state, 0) };
  return { row: rowOfNew(job, state, 1), event: eventRow(queuedEvent(job, job.createdAt), 1) };
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

import type { JobEvent, JobStatus } from '@heavylift/core';
import { newId } from '@heavylift/nestjs';
import type { JobRecord, JobSelection, JobStore } from '../store/index.js';
import { cancelledEvent } from './cancelled-event.js';

export interface CancelManyOptions {
  readonly store: Pick<JobStore, 'list'>;
  /** Records events; answers with the jobs that got one. */
  readonly record: (events: readonly JobEvent[]) => Promise<readonly string[]>;
  /** Tells the workers of jobs that have ended. */
  readonly tellEnded: (jobs: readonly JobRecord[]) => Promise<void>;
}

const batch = 500;

/**
 * Cancels the jobs of these statuses that are selected and were there when it began, one batch after the other; says how many. A job that moves on in
 * this very moment is met again under a later one of the statuses, if at all.
 */
export async function cancelMany(
  options: CancelManyOptions,
  selection: Omit<JobSelection, 'status'>,
  statuses: readonly JobStatus[],
): Promise<number> {
  const from = newId();
  let cancelled = 0;
  for (const status of statuses)
    for await (const jobs of pages(options.store, { ...selection, status }, from))
      cancelled += await cancel(options, jobs);
  return cancelled;
}

/** The jobs that are selected, newest first, those older than `from`; read as they are asked for. */
export async function* pages(
  store: Pick<JobStore, 'list'>,
  selection: JobSelection,
  from: string,
): AsyncGenerator<readonly JobRecord[], void, undefined> {
  let before = from;
  for (;;) {
    const jobs = await store.list({ ...selection, before, limit: batch });
    if (jobs.length === 0) return;
    yield jobs;
    before = jobs.at(-1)!.id;
  }
}

async function cancel({ record, tellEnded }: CancelManyOptions, jobs: readonly JobRecord[]): Promise<number> {
  const ended = new Set(await record(jobs.map(cancelledEvent)));
  if (ended.size > 0) await tellEnded(jobs.filter(({ id }) => ended.has(id)));
  return ended.size;
}

import type { Kysely } from 'kysely';
import { arraysBy, arraysOf, inserting, unnesting, widthOf } from './insert-rows.js';
import { pgArray } from './pg-arrays.js';
import { prepared } from './prepared.js';
import { foldedColumns, type FoldedRow, type JobAccess } from './project-events.js';
import type { Tables } from './tables.js';
import { setChanged } from './write-projected.js';

const seenTypes = {
  id: 'text',
  status: 'text',
  final: 'int4',
  state: 'text',
  events: 'int4',
  dispatched: 'int4',
  cause: 'text',
  finished_at: 'int8',
  seen: 'text',
} as const;

const firstOfEvents = 1 + Object.keys(seenTypes).length;
const firstOfAssets = firstOfEvents + widthOf('job_events');
const firstOfStatistics = firstOfAssets + widthOf('assets');

const writing = prepared(
  'write-projected',
  `with changed as (select * from ${unnesting(seenTypes, 1)} as job (${Object.keys(seenTypes).join(', ')})),
    moved as (${setChanged} and jobs.xmin = changed.seen::xid returning 1),
    told as (${inserting('job_events', firstOfEvents)}),
    made as (${inserting('assets', firstOfAssets, 'on conflict do nothing')}),
    counted as (${inserting('statistics', firstOfStatistics, 'on conflict (step_ms, at, type, measure, bin) do update set count = statistics.count + excluded.count')})
  select 1 / (count(*) = cardinality($1::text[]))::int from moved`,
);

const reading = prepared<FoldedRow>(
  'read-folded',
  `select ${foldedColumns.join(', ')}, xmin::text as seen from jobs where id = any((select $1::text[])::text[])`,
);

/**
 * On PostgreSQL: two statements, neither of which locks or is part of a transaction. `write` rejects, and has written nothing, when one of the jobs was
 * changed since it was read, as `wasChanged` tells. That is rare, since a job's events come in one after the other, so that it is worth to try: a lock on each
 * row is a change of it, and `begin` and `commit` are two round trips more.
 */
export function unlockedJobs(db: Kysely<Tables>): JobAccess {
  return {
    read: (ids) => reading(db, [pgArray('text', ids)]),
    write: async ({ jobs, events, assets, statistics }) => {
      await writing(db, [
        ...arraysBy(seenTypes, jobs),
        ...arraysOf('job_events', events),
        ...arraysOf('assets', assets),
        ...arraysOf('statistics', statistics),
      ]);
    },
  };
}

/** Division by zero: what was seen is not so. Or an event, or a number, is there already; or a job has just expired. */
const changedMeanwhile: readonly unknown[] = ['22012', '23505', '23503'];

export function wasChanged(error: unknown): boolean {
  return changedMeanwhile.includes((error as { readonly code?: unknown }).code);
}

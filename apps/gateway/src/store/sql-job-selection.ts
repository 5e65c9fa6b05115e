import { type JobStatus, jobStatuses } from '@heavylift/core';
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { recordColumns } from './job-rows.js';
import type { JobFilter, JobSelection } from './job-store.js';
import type { Tables } from './tables.js';

/**
 * The newest first. Of one type the newest in each status, and of these the newest: an index has them in this order. Else SQLite reads and sorts all jobs of the type,
 * 1.5 s of processor time with a million.
 */
export function newest(db: Kysely<Tables>, filter: JobFilter) {
  const { limit } = filter;
  const [first, ...others] = statusesOf(filter)
    .map((status) => matching(db, { ...filter, ...(status && { status }) }))
    .map((jobs) => db.selectFrom(jobs.orderBy('id', 'desc').limit(limit).as('newest')).selectAll());
  const all = others.reduce((union, each) => union.unionAll(each), first!);
  return all.orderBy('id', 'desc').limit(limit);
}

/** One by one where that lets an index do all; `undefined` for any. */
function statusesOf({ status, type, dead, ...narrower }: JobFilter): readonly (JobStatus | undefined)[] {
  const { ids, cause, scheduleId, idPrefix } = narrower;
  const isNarrow = [ids, cause, scheduleId, idPrefix].some((field) => field !== undefined);
  if (status !== undefined || isNarrow) return [status];
  // Nothing else has a cause.
  if (dead) return ['failed'];
  return type === undefined ? [undefined] : jobStatuses;
}

function matching(db: Kysely<Tables>, { dead, ids, before, ...selection }: JobFilter) {
  return selecting(db.selectFrom('jobs').select(recordColumns), selection)
    .$if(dead === true, (query) => query.where('cause', 'is not', null))
    .$if(ids !== undefined, (query) => query.where('id', 'in', ids!))
    .$if(before !== undefined, (query) => query.where('id', '<', before!));
}

/** Only the jobs that are selected; an index answers each field. */
export function selecting<Row>(
  jobs: SelectQueryBuilder<Tables, 'jobs', Row>,
  { status, type, cause, scheduleId, idPrefix }: JobSelection,
): SelectQueryBuilder<Tables, 'jobs', Row> {
  return jobs
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(type !== undefined, (query) => query.where('type', '=', type!))
    .$if(cause !== undefined, (query) => query.where('cause', '=', cause!))
    .$if(scheduleId !== undefined, (query) => query.where('schedule_id', '=', scheduleId!))
    .$if(idPrefix !== undefined, (query) =>
      query.where('id', '>=', filled(idPrefix!, '0')).where('id', '<=', filled(idPrefix!, 'f')),
    );
}

/** The first or the last id that begins so: between texts of one shape, every collation orders alike. */
function filled(prefix: string, digit: '0' | 'f'): string {
  const shape = '00000000-0000-0000-0000-000000000000'.replaceAll('0', digit);
  return prefix + shape.slice(prefix.length);
}

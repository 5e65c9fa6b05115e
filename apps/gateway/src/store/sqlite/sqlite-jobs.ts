import type { Kysely } from 'kysely';
import { foldedColumns, type FoldedRow, type JobAccess } from '../project-events.js';
import type { JobRow, Tables } from '../tables.js';
import { forEachRow, insertEach } from './for-each-row.js';

const changed = [
  'status',
  'final',
  'state',
  'events',
  'dispatched',
  'cause',
  'finished_at',
  'id',
] as const satisfies readonly (keyof JobRow)[];

const reading = `select ${foldedColumns.join(', ')} from jobs where id = ?`;
const changing = `update jobs set ${changed
  .slice(0, -1)
  .map((column) => `${column} = ?`)
  .join(', ')} where id = ?`;

/** Inside a transaction: nobody else writes meanwhile. */
export function sqliteJobs(db: Kysely<Tables>): JobAccess {
  return {
    read: (ids) =>
      forEachRow<FoldedRow>(
        db,
        reading,
        ids.map((id) => [id]),
      ),
    write: async ({ jobs, events, assets, statistics }) => {
      await insertEach(db, 'job_events', events);
      await insertEach(db, 'assets', assets);
      await forEachRow(
        db,
        changing,
        jobs.map((job) => changed.map((column) => job[column])),
      );
      await insertEach(
        db,
        'statistics',
        statistics,
        '(step_ms, at, type, measure, bin) do update set count = statistics.count + excluded.count',
      );
    },
  };
}

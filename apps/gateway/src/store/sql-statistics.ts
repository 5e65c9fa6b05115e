import { type Kysely, sql } from 'kysely';
import { inChunks } from './in-chunks.js';
import { type Measure, steps } from './statistics.js';
import type { SampleRow, StatisticsRow, Tables } from './tables.js';

/** A span of time, cut into points of `pointMs`, a multiple of a minute; moments in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly pointMs: number;
  /** Default: all job types. */
  readonly type?: string;
}

/** How often something happened, or a duration fell into `bin`, in the point that begins at `at`. */
export interface Counted {
  readonly at: number;
  readonly measure: Measure;
  readonly bin: number;
  readonly count: number;
}

/** The highest value of a sample in the point that begins at `at`; of `broker`, the lowest. */
export interface Sampled {
  readonly at: number;
  readonly name: string;
  readonly type: string;
  readonly value: number;
}

export async function addStatistics(db: Kysely<Tables>, rows: readonly StatisticsRow[]): Promise<void> {
  for (const chunk of inChunks(rows, 6))
    await db
      .insertInto('statistics')
      .values(chunk)
      .onConflict((conflict) =>
        conflict
          .columns(['step_ms', 'at', 'type', 'measure', 'bin'])
          .doUpdateSet({ count: sql`statistics.count + excluded.count` }),
      )
      .execute();
}

/** Whole days come from the hours, the rest from the minutes. */
export async function readStatistics(db: Kysely<Tables>, span: Span): Promise<Counted[]> {
  const step = steps.findLast(({ stepMs }) => span.pointMs % stepMs === 0)!;
  const at = sql<number>`cast(at - at % ${sql.lit(span.pointMs)} as bigint)`;
  return db
    .selectFrom('statistics')
    .select((select) => [at.as('at'), 'measure', 'bin', select.fn.sum<number>('count').as('count')])
    .where('step_ms', '=', step.stepMs)
    .where('at', '>=', span.from)
    .where('at', '<', span.to)
    .$if(span.type !== undefined, (query) => query.where('type', '=', span.type!))
    .groupBy([sql`1`, 'measure', 'bin'])
    .execute()
    .then((rows) =>
      rows.map((row) => ({ ...row, measure: row.measure as Measure, count: Number(row.count) })),
    );
}

/** Of several samples in a minute the highest stays; of the broker's, where 0 is "away", the lowest. */
export async function addSamples(db: Kysely<Tables>, rows: readonly SampleRow[]): Promise<void> {
  if (rows.length === 0) return;
  const worse = sql<number>`case when (excluded.name = 'broker') = (excluded.value < samples.value)
    then excluded.value else samples.value end`;
  await db
    .insertInto('samples')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['at', 'name', 'type']).doUpdateSet({ value: worse }))
    .execute();
}

export async function readSamples(db: Kysely<Tables>, { from, to, pointMs, type }: Span): Promise<Sampled[]> {
  const at = sql<number>`cast(at - at % ${sql.lit(pointMs)} as bigint)`;
  const value = sql<number>`case when name = 'broker' then min(value) else max(value) end`;
  return db
    .selectFrom('samples')
    .select([at.as('at'), 'name', 'type', value.as('value')])
    .where('at', '>=', from)
    .where('at', '<', to)
    .$if(type !== undefined, (query) => query.where('type', 'in', [type!, '']))
    .groupBy([sql`1`, 'name', 'type'])
    .execute();
}

/** Forgets what is older than is kept of each step; says how many rows. */
export async function forgetStatistics(db: Kysely<Tables>, now: number): Promise<number> {
  let forgotten = 0;
  for (const { stepMs, keptMs } of steps) {
    const { numDeletedRows } = await db
      .deleteFrom('statistics')
      .where('step_ms', '=', stepMs)
      .where('at', '<', now - keptMs)
      .executeTakeFirst();
    forgotten += Number(numDeletedRows);
  }
  const keptMs = Math.max(...steps.map((step) => step.keptMs));
  const samples = await db
    .deleteFrom('samples')
    .where('at', '<', now - keptMs)
    .executeTakeFirst();
  return forgotten + Number(samples.numDeletedRows);
}

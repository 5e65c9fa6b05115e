import type { Kysely } from 'kysely';
import { inChunks } from './in-chunks.js';
import type { AssetUseRow, JobRow, Tables } from './tables.js';

/** The id of a file that a job made begins with the job's own: `resultAssetId` of `@heavylift/nestjs`. */
const resultId = /"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[A-Za-z0-9._-]{1,163})"/g;

/** The files of other jobs that a payload, as JSON, names anywhere. */
export function resultsNamedIn(payload: string): readonly string[] {
  return [...new Set([...payload.matchAll(resultId)].map(([, id]) => id!))];
}

/** Keeps which files of other jobs these jobs read, so that those stay as long as these. A use that is known is passed over. */
export async function noteUses(
  db: Kysely<Tables>,
  jobs: readonly Pick<JobRow, 'id' | 'payload'>[],
): Promise<void> {
  await insertUses(db, usesOf(jobs));
}

export function usesOf(jobs: readonly Pick<JobRow, 'id' | 'payload'>[]): AssetUseRow[] {
  return jobs.flatMap(({ id, payload }) =>
    resultsNamedIn(payload).map((asset_id) => ({ asset_id, job_id: id })),
  );
}

async function insertUses(db: Kysely<Tables>, rows: readonly AssetUseRow[]): Promise<void> {
  for (const chunk of inChunks(rows, 2))
    await db
      .insertInto('asset_uses')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

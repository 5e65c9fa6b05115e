import type { Kysely } from 'kysely';
import type { AssetRecord } from './asset-register.js';
import { inChunks } from './in-chunks.js';
import type { AssetRow, Tables } from './tables.js';

export function rowOfAsset(asset: AssetRecord): AssetRow {
  const { id, filename, mediaType, bytes, sha256, createdAt, jobId } = asset;
  return { id, filename, media_type: mediaType, bytes, sha256, created_at: createdAt, job_id: jobId ?? null };
}

/** A known id is passed over. */
export async function insertAssets(db: Kysely<Tables>, rows: readonly AssetRow[]): Promise<void> {
  for (const chunk of inChunks(rows, 7))
    await db
      .insertInto('assets')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

export async function selectAsset(db: Kysely<Tables>, id: string): Promise<AssetRecord | undefined> {
  return (await selectAssets(db, [id])).get(id);
}

export async function selectAssets(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<Map<string, AssetRecord>> {
  const found = new Map<string, AssetRecord>();
  for (const chunk of inChunks(ids, 1)) {
    const rows = await db.selectFrom('assets').selectAll().where('id', 'in', chunk).execute();
    for (const row of rows) found.set(row.id, assetOf(row));
  }
  return found;
}

function assetOf({
  media_type: mediaType,
  created_at: createdAt,
  job_id: jobId,
  ...facts
}: AssetRow): AssetRecord {
  return { ...facts, mediaType, createdAt, ...(jobId === null ? {} : { jobId }) };
}

export async function deleteAsset(db: Kysely<Tables>, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('assets').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

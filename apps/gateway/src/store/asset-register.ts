import type { AssetFacts } from '@heavylift/core';

/** The part of the store that knows which files count. A stored file without an entry here belongs to nobody. */
export interface AssetRegister {
  /** An id that is known already stays as it is. */
  saveAsset(asset: AssetRecord): Promise<void>;
  getAsset(id: string): Promise<AssetRecord | undefined>;
  /** False when there was none. */
  removeAsset(id: string): Promise<boolean>;
  /** Those of the ids that are known, by id. */
  findAssets(ids: readonly string[]): Promise<ReadonlyMap<string, AssetRecord>>;
}

export interface AssetRecord extends AssetFacts {
  /** ISO 8601. */
  readonly createdAt: string;
  /** The job that made it; absent of an upload. */
  readonly jobId?: string;
}

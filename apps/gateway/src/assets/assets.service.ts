import type { Readable } from 'node:stream';
import { assetKey, newId } from '@heavylift/nestjs';
import { BlobNotFoundError, type BlobStore } from '@heavylift/storage';
import { Problem } from '../problems/problem.js';
import type { AssetRecord, JobStore } from '../store/index.js';
import type { ByteRange } from './byte-range.js';
import { safeFilename } from './content-disposition.js';
import { MeasuredUpload } from './measured-upload.js';
import { mediaTypeOf } from './media-type.js';

/** Files that clients gave or jobs made: bytes in the blob store, facts in the database. */
export class AssetsService {
  constructor(
    private readonly store: JobStore,
    private readonly blobs: BlobStore,
    readonly maxUploadBytes: number,
  ) {}

  /** Streams a file into storage; it is there whole, or not at all. */
  async add(source: AsyncIterable<Uint8Array>, filename: string | undefined): Promise<AssetRecord> {
    const id = newId();
    const upload = new MeasuredUpload(source, this.maxUploadBytes);
    const { bytes, sha256 } = await this.blobs.write(assetKey(id), upload);
    const mediaType = await mediaTypeOf(upload.head);
    const asset = {
      id,
      filename: safeFilename(filename),
      mediaType,
      bytes,
      sha256,
      createdAt: new Date().toISOString(),
    };
    try {
      await this.store.saveAsset(asset);
      return asset;
    } catch (error) {
      // Nobody has heard of its id.
      await this.blobs.remove(assetKey(id));
      throw error;
    }
  }

  /** @throws {Problem} 404 */
  async get(id: string): Promise<AssetRecord> {
    const asset = await this.store.getAsset(id);
    if (!asset) throw new Problem(404, 'asset.not_found', `there is no asset "${id}"`);
    return asset;
  }

  /** @throws {Problem} 404 when it was removed meanwhile */
  async content(id: string, range: ByteRange | undefined): Promise<Readable> {
    try {
      return await this.blobs.read(assetKey(id), range);
    } catch (error) {
      if (error instanceof BlobNotFoundError) await this.get(id);
      throw error;
    }
  }

  /** The row goes first: a file without a row is swept later, a row without its file would be a broken promise. */
  async remove(id: string): Promise<void> {
    await this.get(id);
    await this.store.removeAsset(id);
    await this.blobs.remove(assetKey(id));
  }
}

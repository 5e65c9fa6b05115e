import { join } from 'node:path';
import { assetIdPattern, isUrl } from '@heavylift/contracts';
import { type JobContext, UnrecoverableError } from '@heavylift/core';
import { BlobNotFoundError, type BlobStore } from '@heavylift/storage';
import { assetKey, resultAssetId } from './asset-key.js';

/** The longest silence of a server that a source is fetched from. */
const silenceMs = 60_000;

export interface SourceLimits {
  /** Whether URLs on private, loopback and link-local addresses may be fetched. */
  readonly allowPrivateSources: boolean;
  /** The longest file fetched from a URL. */
  readonly maxSourceBytes: number;
}

/** What a result file is called, and is. */
export interface ResultFile {
  /** Tells it from the run's other results, like `poster` or `720p`; becomes part of the asset's id. */
  readonly name: string;
  /** What a person gets to see when it is downloaded. */
  readonly filename: string;
  /** Like `video/mp4`. */
  readonly mediaType: string;
}

/** The folder that one run of a handler works in: sources come in, results go out. Gone when the run ends. */
export class Workspace {
  /** The absolute path; readable by this user alone. */
  readonly dir: string;
  readonly #job: JobContext;
  readonly #blobs: BlobStore;
  readonly #limits: SourceLimits;
  readonly #saved = new Set<string>();

  constructor(dir: string, job: JobContext, blobs: BlobStore, limits: SourceLimits) {
    this.dir = dir;
    this.#job = job;
    this.#blobs = blobs;
    this.#limits = limits;
  }

  /**
   * The path of a file in the folder.
   * @throws {RangeError} when the name is none of a single file
   */
  path(name: string): string {
    if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
      throw new RangeError(`"${name}" is no plain file name; leave out folders`);
    return join(this.dir, name);
  }

  /**
   * Brings a source into the folder under a name that is free, and gives its path. It is for reading: an asset may be a link to the stored file itself.
   * @throws {UnrecoverableError} `source.not_found` when there is no such asset; for a URL see `fetchSource`
   */
  async fetch(source: string, name: string): Promise<string> {
    const path = this.path(name);
    this.#job.signal.throwIfAborted();
    if (isUrl(source)) await this.#fetchUrl(source, path);
    else await this.#copyAsset(source, path);
    return path;
  }

  /**
   * Stores a file, which goes from `path`, as an asset of the job's result, and gives the asset's id.
   * @throws {RangeError} when the run has saved one under the same name
   */
  async save(path: string, { name, filename, mediaType }: ResultFile): Promise<string> {
    const id = resultAssetId(this.#job, name);
    this.#job.signal.throwIfAborted();
    if (this.#saved.has(id))
      throw new RangeError(`this run has saved "${name}" before; give each result its own name`);
    this.#saved.add(id);
    const { bytes, sha256 } = await this.#blobs.moveIn(assetKey(id), path);
    this.#job.output({ id, filename, mediaType, bytes, sha256 });
    return id;
  }

  async #fetchUrl(url: string, path: string): Promise<void> {
    // Loaded when needed: its HTTP client is large, and many processes never fetch.
    const { fetchSource } = await import('./fetch-source.js');
    await fetchSource(url, path, {
      allowPrivate: this.#limits.allowPrivateSources,
      maxBytes: this.#limits.maxSourceBytes,
      timeoutMs: silenceMs,
      signal: this.#job.signal,
    });
  }

  async #copyAsset(id: string, path: string): Promise<void> {
    if (!assetIdPattern.test(id)) throw noSuchAsset(id);
    try {
      await this.#blobs.copyOut(assetKey(id), path);
    } catch (error) {
      throw error instanceof BlobNotFoundError ? noSuchAsset(id) : error;
    }
  }
}

function noSuchAsset(id: string): UnrecoverableError {
  return new UnrecoverableError(
    'source.not_found',
    `there is no asset "${id.slice(0, 200)}"; upload the file first`,
  );
}

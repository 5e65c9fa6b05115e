import type { Stats } from 'node:fs';
import {
  chmod,
  constants,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  rename,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { assertBlobKey } from './blob-key.js';
import {
  type Blob,
  type BlobEntry,
  BlobNotFoundError,
  type BlobStore,
  BlobStoreFullError,
} from './blob-store.js';
import { hasCode } from './error-code.js';
import { hashOf, Hashing } from './hashing.js';
import { listFiles } from './list-files.js';
import { PartialFiles } from './partial-files.js';
import { bytesStreamed } from './spent-buffers.js';

const chunkBytes = 256 * 1024;
/** `copyOut` gives out links to the stored file itself: nobody is to write to it. */
const storedMode = 0o444;
/** Another filesystem, one without links, too many links, or a file of another user. */
const notLinkable = ['EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'] as const;
/** The disk is full, a quota is used up, or the file is larger than this process may write. */
const noRoom = ['ENOSPC', 'EDQUOT', 'EFBIG'] as const;
const absent = ['ENOENT', 'ENOTDIR'] as const;

/**
 * Keeps files in a folder, each at the path that its key spells. A file is written beside, flushed to the disk, and then moved to its
 * place in one step, so a reader or a crash never meets half of one. Several processes may share the folder.
 */
export class FileBlobStore implements BlobStore {
  readonly name: string;
  readonly #root: string;
  readonly #partials: PartialFiles;

  private constructor(root: string) {
    this.name = `file:${root}`;
    this.#root = root;
    this.#partials = new PartialFiles(root);
  }

  /** Makes the folder when it is missing, and removes unfinished files older than 24 hours. */
  static async open(folder: string, nowMs = Date.now()): Promise<FileBlobStore> {
    const root = resolve(folder);
    await mkdir(root, { recursive: true, mode: 0o750 });
    const store = new FileBlobStore(root);
    await store.#partials.open(nowMs);
    return store;
  }

  async write(key: string, source: AsyncIterable<Uint8Array>): Promise<Blob> {
    const target = this.#path(key);
    return this.#storing(async (partial) => {
      const blob = await writeFlushed(partial, source);
      await put(partial, target);
      return blob;
    });
  }

  async moveIn(key: string, path: string): Promise<Blob> {
    const target = this.#path(key);
    await assertRegular(path);
    const blob = await this.#storing(async (partial) => {
      const found = (await adopted(path, partial))
        ? await hashFlushed(partial)
        : await copyFlushed(path, partial);
      await put(partial, target);
      return found;
    });
    await unlink(path);
    return blob;
  }

  async read(key: string, range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    const path = this.#path(key);
    if (range && range.start > range.end)
      throw new RangeError(`bytes ${range.start} to ${range.end} of "${key}" are no range`);
    const file = await open(path, 'r').catch((error: unknown) => {
      throw asNotFound(error, key);
    });
    if ((await file.stat()).isFile())
      return counted(file.createReadStream({ ...range, highWaterMark: chunkBytes }));
    await file.close();
    throw new BlobNotFoundError(key);
  }

  async copyOut(key: string, path: string): Promise<void> {
    const stored = this.#path(key);
    if (!(await this.#stats(key))) throw new BlobNotFoundError(key);
    try {
      if (await linked(stored, path)) return;
      await copyFile(stored, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } catch (error) {
      // The same code says that the folder of `path` is missing, which is the caller's mistake.
      throw (await this.#stats(key)) ? error : asNotFound(error, key);
    }
  }

  async size(key: string): Promise<number | undefined> {
    return (await this.#stats(key))?.size;
  }

  async remove(key: string): Promise<void> {
    try {
      await unlink(this.#path(key));
    } catch (error) {
      if (!hasCode(error, ...absent)) throw error;
    }
  }

  list(prefix: string): AsyncIterable<BlobEntry> {
    return listFiles(this.#root, prefix);
  }

  async check(): Promise<void> {
    await this.#partials.use((path) => writeFile(path, 'check'));
  }

  async close(): Promise<void> {
    // Nothing stays open between calls.
  }

  async #storing(work: (partial: string) => Promise<Blob>): Promise<Blob> {
    try {
      return await this.#partials.use(work);
    } catch (error) {
      throw hasCode(error, ...noRoom) ? new BlobStoreFullError(this.name, { cause: error }) : error;
    }
  }

  #path(key: string): string {
    assertBlobKey(key);
    return join(this.#root, key);
  }

  async #stats(key: string): Promise<Stats | undefined> {
    try {
      const found = await stat(this.#path(key));
      return found.isFile() ? found : undefined;
    } catch (error) {
      if (hasCode(error, ...absent)) return undefined;
      throw error;
    }
  }
}

function counted(stream: Readable): Readable {
  async function* passing(): AsyncGenerator<Buffer> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      yield chunk;
      bytesStreamed(chunk.byteLength);
    }
  }
  // Also one that is given up before its first byte is asked for, when nothing of `passing` has run.
  return Readable.from(passing(), { objectMode: false }).once('close', () => stream.destroy());
}

async function writeFlushed(path: string, source: AsyncIterable<Uint8Array>): Promise<Blob> {
  const hashing = new Hashing();
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(hashing.through(source));
  await file.chmod(storedMode);
  await file.sync();
  return hashing.result();
}

async function hashFlushed(path: string): Promise<Blob> {
  await using file = await open(path, 'r');
  const blob = await hashOf(file);
  await file.sync();
  return blob;
}

async function copyFlushed(from: string, to: string): Promise<Blob> {
  await using file = await open(from, 'r');
  // Awaited here: the file is closed when this function returns.
  return await writeFlushed(to, file.createReadStream({ autoClose: false, highWaterMark: chunkBytes }));
}

/** A second name for the same file; false where the system allows none. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, ...notLinkable)) return false;
    throw error;
  }
}

/** Like `linked`, with the mode of a stored file; for a file that can be linked to but belongs to another user, false too. */
async function adopted(from: string, to: string): Promise<boolean> {
  if (!(await linked(from, to))) return false;
  try {
    await chmod(to, storedMode);
    return true;
  } catch (error) {
    await unlink(to);
    if (hasCode(error, ...notLinkable)) return false;
    throw error;
  }
}

/** Moves the finished file to its place, and flushes the folders: a rename that is only in memory is lost in a power cut. */
async function put(partial: string, target: string): Promise<void> {
  const folder = dirname(target);
  const made = await mkdir(folder, { recursive: true });
  await rename(partial, target);
  await syncFolder(folder);
  if (made) await syncFolder(dirname(made));
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/** A link to elsewhere, or a folder, must not get into the store. */
async function assertRegular(path: string): Promise<void> {
  if (!(await lstat(path)).isFile()) throw new Error(`"${path}" is no regular file; only such can be stored`);
}

function asNotFound(error: unknown, key: string): unknown {
  return hasCode(error, ...absent) ? new BlobNotFoundError(key) : error;
}

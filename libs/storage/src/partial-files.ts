import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './error-code.js';

const suffix = '.partial';
const staleAfterMs = 24 * 3_600_000;

/**
 * The folder of a store's unfinished files. It lies inside the store's own folder, so that a finished one is moved to its place in one
 * step, and its name starts with a dot, so that no key reaches it.
 */
export class PartialFiles {
  readonly #folder: string;

  constructor(root: string) {
    this.#folder = join(root, suffix);
  }

  /** Makes the folder, and removes what writers that died more than a day ago left in it. */
  async open(nowMs: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const names = await readdir(this.#folder);
    for (const name of names.filter((each) => each.endsWith(suffix)))
      await this.#removeStale(join(this.#folder, name), nowMs);
  }

  /** Lends a path where no file is yet; whatever is there when `work` ends is removed. */
  async use<T>(work: (path: string) => Promise<T>): Promise<T> {
    const path = join(this.#folder, `${randomUUID()}${suffix}`);
    try {
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  async #removeStale(path: string, nowMs: number): Promise<void> {
    try {
      // Not the time of the last write: a file that is moved in brings an old one along.
      const { ctimeMs } = await stat(path);
      if (nowMs - ctimeMs > staleAfterMs) await unlink(path);
    } catch (error) {
      // Finished, or removed by another process that opens the store now: gone either way.
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { JobContext } from '@heavylift/core';
import type { BlobStore } from '@heavylift/storage';
import { folderPrefix, removeFolder, removeStaleFolders } from './run-folders.js';
import { type SourceLimits, Workspace } from './workspace.js';

export interface WorkspacesOptions extends SourceLimits {
  /** Where the folders are made; the system's temporary folder unless told. On the filesystem of the blob store, files move without a copy. */
  readonly tempDir?: string;
}

/** Gives each run of a handler a folder of its own. */
export class Workspaces {
  readonly #blobs: BlobStore;
  readonly #options: WorkspacesOptions;
  readonly #tempDir: string;
  #cleaned: Promise<void> | undefined;

  constructor(blobs: BlobStore, options: WorkspacesOptions) {
    this.#blobs = blobs;
    this.#options = options;
    this.#tempDir = options.tempDir ?? tmpdir();
  }

  /**
   * Does the work in a new folder that no other user may enter, and removes it afterwards, whatever happens. The first call also removes what runs of dead
   * processes of this machine left behind. A folder that cannot be removed is told as a process warning: the work counts.
   */
  async use<T>(job: JobContext, work: (workspace: Workspace) => Promise<T>): Promise<T> {
    await this.#clean();
    const dir = await mkdtemp(folderPrefix(this.#tempDir));
    try {
      return await work(new Workspace(dir, job, this.#blobs, this.#options));
    } finally {
      await removeFolder(dir);
    }
  }

  /** Once; again only after it failed. */
  async #clean(): Promise<void> {
    this.#cleaned ??= removeStaleFolders(this.#tempDir);
    try {
      await this.#cleaned;
    } catch (error) {
      this.#cleaned = undefined;
      throw error;
    }
  }
}

import { mkdir, readdir, readFile } from 'node:fs/promises';
import { generateImage, type GenerateImageResult } from '@heavylift/contracts';
import { JobContext, parsePayload, type Progress } from '@heavylift/core';
import { assetKey, Workspaces } from '@heavylift/nestjs';
import { type BlobStore, createBlobStore } from '@heavylift/storage';
import { GenerateJobs } from './generate.jobs.js';
import type { ImageGenerator } from './generators/image-generator.js';
import { ImagePool } from './image-pool.js';
import { SamplePictures } from './sample-pictures.fixtures.js';

export interface ContextOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What `image.generate` needs around it: a pool of one process, a storage, and a folder for its work. */
export class GenerateBench {
  readonly pool = new ImagePool(1);
  readonly folder: SamplePictures;
  readonly #blobs: BlobStore;

  private constructor(folder: SamplePictures, blobs: BlobStore) {
    this.folder = folder;
    this.#blobs = blobs;
  }

  static async open(): Promise<GenerateBench> {
    const folder = await SamplePictures.create();
    await mkdir(folder.path('temp'));
    return new GenerateBench(folder, await createBlobStore(`file://${folder.path('storage')}`));
  }

  context({ signal = new AbortController().signal, onProgress = () => undefined }: ContextOptions = {}) {
    const facts = { id: 'job-1', type: 'image.generate', version: 1, attempt: 1, maxAttempts: 8 };
    const deadline = new Date(Date.now() + 60_000);
    return new JobContext({ ...facts, run: crypto.randomUUID(), deadline }, { signal }, { onProgress });
  }

  /** Does a job as the worker does. The prompt is a fox unless told. */
  generate(
    generator: ImageGenerator,
    fields: object,
    { job = this.context(), allowPrivateSources = false } = {},
  ): Promise<GenerateImageResult> {
    const limits = { allowPrivateSources, maxSourceBytes: 1e7, tempDir: this.folder.path('temp') };
    const jobs = new GenerateJobs(generator, new Workspaces(this.#blobs, limits));
    return jobs.generate(parsePayload(generateImage, { prompt: 'a fox', ...fields }), job);
  }

  async bytesOf(asset: string): Promise<Buffer> {
    const path = this.folder.path(crypto.randomUUID());
    await this.#blobs.copyOut(assetKey(asset), path);
    return readFile(path);
  }

  /** What runs have left behind in their folders. */
  leftovers(): Promise<string[]> {
    return readdir(this.folder.path('temp'));
  }

  async close(): Promise<void> {
    await this.pool.close();
    await this.#blobs.close();
    await this.folder.remove();
  }
}

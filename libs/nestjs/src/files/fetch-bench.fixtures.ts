import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeavyliftError } from '@heavylift/core';
import { fetchSource, type FetchSourceOptions } from './fetch-source.js';
import { Site } from './site.fixtures.js';

/** A folder to fetch into, and sites to fetch from. */
export class FetchBench {
  readonly folder: string;
  readonly path: string;
  readonly #sites: Site[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.path = join(folder, 'input');
  }

  static async open(): Promise<FetchBench> {
    return new FetchBench(await mkdtemp(join(tmpdir(), 'heavylift-fetch-')));
  }

  async site(answer: RequestListener, host?: string): Promise<Site> {
    const site = await Site.open(answer, host);
    this.#sites.push(site);
    return site;
  }

  fetch(url: string, options: Partial<FetchSourceOptions> = {}): Promise<void> {
    return fetchSource(url, this.path, {
      allowPrivate: true,
      maxBytes: 4 * 1024 * 1024,
      timeoutMs: 5_000,
      signal: AbortSignal.timeout(20_000),
      ...options,
    });
  }

  /** The error of a fetch that must fail, and leave nothing behind. */
  async failure(url: string, options: Partial<FetchSourceOptions> = {}): Promise<HeavyliftError> {
    const error: unknown = await this.fetch(url, options).then(
      () => new Error('it was fetched'),
      (reason: unknown) => reason,
    );
    const left = await readdir(this.folder);
    if (left.length > 0) throw new Error(`it left ${left.join(', ')} behind`, { cause: error });
    if (!(error instanceof HeavyliftError)) throw error;
    return error;
  }

  async closeSites(): Promise<void> {
    await Promise.all(this.#sites.splice(0).map((site) => site.close()));
  }

  async close(): Promise<void> {
    await this.closeSites();
    await rm(this.folder, { recursive: true, force: true });
  }
}

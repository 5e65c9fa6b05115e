import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileBlobStore } from '@heavylift/storage';
import { asset } from '../store/job-store.fixtures.js';
import type { JobStore } from '../store/job-store.js';
import { openJobStore } from '../store/open-job-store.js';
import { AssetSweeper } from './asset-sweeper.js';

const hour = 3_600_000;

describe('the asset sweeper', () => {
  let folder: string;
  let blobs: FileBlobStore;
  let store: JobStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heavylift-sweep-'));
    blobs = await FileBlobStore.open(folder);
    store = await openJobStore('sqlite::memory:');
  });
  afterEach(async () => {
    await store.close();
    await blobs.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function file(key: string, ageMs: number): Promise<string> {
    await blobs.write(key, Readable.from([Buffer.from('content')]));
    const at = new Date(Date.now() - ageMs);
    await utimes(join(folder, key), at, at);
    return key;
  }

  it('removes old files that belong to nobody, and nothing else', async () => {
    const known = asset();
    await store.saveAsset({ ...known, createdAt: new Date().toISOString() });
    const kept = [
      await file(`assets/${known.id}`, 90 * hour),
      await file(`assets/${asset().id}`, 47 * hour),
      await file('elsewhere/old', 90 * hour),
    ];
    const removed = [await file(`assets/${asset().id}`, 49 * hour), await file('assets/gone', 90 * hour)];
    const sweeper = new AssetSweeper(blobs, store);
    expect(await sweeper.sweep()).toBe(2);
    for (const key of kept) expect(await blobs.size(key)).toBe(7);
    for (const key of removed) expect(await blobs.size(key)).toBeUndefined();
    expect(await sweeper.sweep()).toBe(0);
  });

  it('goes through more files than it looks up at once', async () => {
    for (let i = 0; i < 520; i++) await file(`assets/${i}`, 2 * hour);
    expect(await new AssetSweeper(blobs, store, { olderThanMs: hour }).sweep()).toBe(520);
  });

  it('removes what it can when one file resists, and says so', async () => {
    const [bad, good] = [await file('assets/bad', 2 * hour), await file('assets/good', 2 * hour)];
    const resisting = {
      list: (prefix: string) => blobs.list(prefix),
      remove: (key: string) => (key === bad ? Promise.reject(new Error('busy')) : blobs.remove(key)),
    };
    const sweeper = new AssetSweeper(resisting, store, { olderThanMs: hour });
    await expect(sweeper.sweep()).rejects.toThrow('1 files that belong to nobody could not be removed');
    expect(await blobs.size(good)).toBeUndefined();
  });
});

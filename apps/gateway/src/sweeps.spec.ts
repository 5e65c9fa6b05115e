import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FileBlobStore } from '@heavylift/storage';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lines } from './dispatch/recorder.fixtures.js';
import { until } from './gateway.fixtures.js';
import { type JobStore, openJobStore } from './store/index.js';
import { asset, event, newJob } from './store/job-store.fixtures.js';
import { startSweeps } from './sweeps.js';

const day = 86_400_000;

describe('the sweeps', () => {
  const logger = new Lines();
  let folder: string;
  let blobs: FileBlobStore;
  let store: JobStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heavylift-sweeps-'));
    blobs = await FileBlobStore.open(folder);
    store = await openJobStore('sqlite::memory:');
  });
  afterEach(async () => {
    await store.close();
    await blobs.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function file(key: string, daysAgo: number): Promise<string> {
    await blobs.write(key, Readable.from([Buffer.from('content')]));
    const at = new Date(Date.now() - daysAgo * day);
    await utimes(join(folder, key), at, at);
    return key;
  }
  /** A job with its file. */
  async function endedJob(daysAgo: number): Promise<{ id: string; key: string }> {
    const at = new Date(Date.now() - daysAgo * day).toISOString();
    const job = newJob({ createdAt: at });
    const made = asset({ id: `${job.id}.1.9f1c03ab.a` });
    await store.accept([job]);
    await store.project([event(job, { kind: 'succeeded', result: {}, assets: [made], at })]);
    return { id: job.id, key: await file(`assets/${made.id}`, daysAgo) };
  }
  async function sweepUntil(what: string, holds: () => Promise<boolean>, retentionDays: number) {
    const times = { firstAfterMs: 1, everyMs: 20 };
    const workers = { forget: async () => 0 };
    const end = startSweeps({ blobs, store, workers, retentionDays, logger }, times);
    await until(what, holds, 30_000);
    await end();
    expect(logger.at('warn')).toEqual([]);
  }
  const isGone = async (key: string): Promise<boolean> => (await blobs.size(key)) === undefined;

  it('remove jobs that have expired, and the files that only they had', async () => {
    const [old, young] = [await endedJob(40), await endedJob(20)];
    await sweepUntil('the file is gone', () => isGone(old.key), 30);
    expect(await store.get(old.id)).toBeUndefined();
    expect(await store.get(young.id)).toMatchObject({ status: 'succeeded' });
    expect(await blobs.size(young.key)).toBe(7);
  });

  it('keep every job and its files when RETENTION_DAYS is 0', async () => {
    const old = await endedJob(4_000);
    const stray = await file('assets/stray', 4_000);
    await sweepUntil('what belongs to nobody is gone', () => isGone(stray), 0);
    expect(await store.get(old.id)).toMatchObject({ status: 'succeeded' });
    expect(await blobs.size(old.key)).toBe(7);
  });
});

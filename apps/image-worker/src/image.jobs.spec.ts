import { createReadStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { assetIdPattern, resizeImage, type ResizeImagePayload } from '@heavylift/contracts';
import { JobContext, parsePayload, type Progress } from '@heavylift/core';
import { assetKey, Workspaces } from '@heavylift/nestjs';
import { type BlobStore, createBlobStore } from '@heavylift/storage';
import sharp from 'sharp';
import { ImagePool } from './image-pool.js';
import { ImageJobs } from './image.jobs.js';
import { SamplePictures } from './sample-pictures.fixtures.js';

const pool = new ImagePool(1);
let samples: SamplePictures;
let blobs: BlobStore;
let jobs: ImageJobs;
let progress: Progress[];
let lines: string[];
let abort: AbortController;
let job: JobContext;

beforeAll(async () => {
  samples = await SamplePictures.create();
  blobs = await createBlobStore(`file://${samples.path('storage')}`);
  const tempDir = samples.path('temp');
  await mkdir(tempDir);
  const limits = { allowPrivateSources: false, maxSourceBytes: 1e8 };
  jobs = new ImageJobs(pool, new Workspaces(blobs, { ...limits, tempDir }));
});

beforeEach(() => {
  progress = [];
  lines = [];
  abort = new AbortController();
  const facts = { id: 'job-1', type: 'image.resize', version: 1, attempt: 1, maxAttempts: 3 };
  const deadline = new Date(Date.now() + 60_000);
  job = new JobContext({ ...facts, run: crypto.randomUUID(), deadline }, abort, {
    onProgress: (value) => progress.push(value),
    onLog: (line) => lines.push(line),
  });
});

afterEach(async () => {
  expect(await readdir(samples.path('temp'))).toEqual([]);
});

afterAll(async () => {
  await pool.close();
  await blobs.close();
  await samples.remove();
});

async function upload(id: string, path: string): Promise<string> {
  await blobs.write(assetKey(id), createReadStream(path));
  return id;
}

function payloadOf(fields: object): ResizeImagePayload {
  return parsePayload(resizeImage, fields);
}

describe('image.resize', () => {
  it('stores every variant as an asset of the job, and tells how far it is', async () => {
    const source = await upload('photo-000001', await samples.phonePhoto('phone.jpg'));
    const variants = [
      { name: 'small', width: 60, format: 'jpeg' },
      { name: 'small-', width: 30, height: 30, fit: 'cover', format: 'jpeg' },
      { name: 'large', format: 'webp' },
    ];
    const result = await jobs.resize(payloadOf({ source, variants }), job);

    expect(result.variants).toMatchObject([
      { name: 'small', width: 60, height: 80 },
      { name: 'small-', width: 30, height: 30 },
      { name: 'large', width: 300, height: 400 },
    ]);
    expect(job.outputs).toMatchObject([
      { filename: 'small.jpg', mediaType: 'image/jpeg' },
      { filename: 'small-.jpg', mediaType: 'image/jpeg' },
      { filename: 'large.webp', mediaType: 'image/webp' },
    ]);
    expect(job.outputs.map(({ id, bytes }) => ({ asset: id, bytes }))).toEqual(
      result.variants.map(({ asset, bytes }) => ({ asset, bytes })),
    );
    expect(progress.map(({ percent }) => percent)).toEqual([33.3, 66.7]);
    expect(progress.at(-1)?.message).toMatch(/ \(2 of 3\)$/);
    expect(lines).toEqual([
      'source: jpeg 300x400',
      expect.stringMatching(/^made small\.jpg: 60x80, \d+ bytes$/),
      expect.stringMatching(/^made small-\.jpg: 30x30, \d+ bytes$/),
      expect.stringMatching(/^made large\.webp: 300x400, \d+ bytes$/),
    ]);
    for (const { asset, width, height } of result.variants) await expectStored(asset, width, height);
  });

  it('keeps its own contract', async () => {
    const source = await upload('photo-000002', await samples.noise('noise.png', 40, 30));
    const result = await jobs.resize(payloadOf({ source, variants: [{ name: 'a', format: 'png' }] }), job);
    for (const { asset } of result.variants) expect(asset).toMatch(assetIdPattern);
    expect(result).toEqual({
      variants: [{ name: 'a', asset: expect.any(String), width: 40, height: 30, bytes: expect.any(Number) }],
    });
  });

  it('stores nothing when the source is no picture', async () => {
    await writeFile(samples.path('text.jpg'), 'hello');
    const source = await upload('text-0000001', samples.path('text.jpg'));
    const payload = payloadOf({ source, variants: [{ name: 'a', format: 'webp' }] });
    await expect(jobs.resize(payload, job)).rejects.toMatchObject({ code: 'source.not_an_image' });
    expect(job.outputs).toEqual([]);
  });

  it('says which asset is missing', async () => {
    const payload = payloadOf({ source: 'missing-asset', variants: [{ name: 'a', format: 'webp' }] });
    await expect(jobs.resize(payload, job)).rejects.toMatchObject({ code: 'source.not_found' });
  });

  it('stops when the job is cancelled', async () => {
    const source = await upload('photo-000003', await samples.noise('slow.jpg', 400, 300));
    const large = { name: 'large', width: 8_000, height: 6_000, fit: 'fill', format: 'avif' };
    const payload = payloadOf({ source, variants: [{ name: 'a', width: 9, format: 'webp' }, large] });
    const watched = new JobContext(job, abort, {
      onProgress: ({ message }) => {
        if (message?.startsWith('a ')) abort.abort(new Error('the job was cancelled'));
      },
    });
    await expect(jobs.resize(payload, watched)).rejects.toThrow('the job was cancelled');
    expect(watched.outputs).toEqual([]);
    expect(pool.pids).toEqual([]);
  });
});

async function expectStored(asset: string, width: number, height: number): Promise<void> {
  const path = samples.path(crypto.randomUUID());
  await blobs.copyOut(assetKey(asset), path);
  expect(await sharp(path).metadata()).toMatchObject({ width, height });
}

import { createHash } from 'node:crypto';
import { assetIdPattern, GenerateImageResult } from '@heavylift/contracts';
import { check, type Progress } from '@heavylift/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { GenerateBench } from './generate-bench.fixtures.js';
import { AbstractArt } from './generators/abstract-art.js';

let bench: GenerateBench;
beforeAll(async () => void (bench = await GenerateBench.open()));
afterEach(async () => expect(await bench.leftovers()).toEqual([]));
afterAll(() => bench.close());

function generate(fields: object, job = bench.context()): Promise<GenerateImageResult> {
  return bench.generate(new AbstractArt(bench.pool), fields, { job });
}

async function digestsOf({ assets }: GenerateImageResult): Promise<string[]> {
  const files = await Promise.all(assets.map(({ asset }) => bench.bytesOf(asset)));
  return files.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
}

describe('image.generate, built in', () => {
  it('makes pictures of the size asked for, says that they are abstract, and tells how far it is', async () => {
    const heard: number[] = [];
    const job = bench.context({ onProgress: ({ percent }) => heard.push(percent) });
    const result = await generate({ width: 320, height: 192, count: 2, seed: 7 }, job);
    expect(check(GenerateImageResult, { ...result }).errors).toEqual([]);
    expect(result).toMatchObject({
      seed: 7,
      provider: 'built-in: abstract art by a pattern-producing network',
    });
    expect(result.assets).toHaveLength(2);
    for (const { asset, width, height, bytes } of result.assets) {
      expect(asset).toMatch(assetIdPattern);
      const file = await bench.bytesOf(asset);
      expect({ width, height, bytes }).toEqual({ width: 320, height: 192, bytes: file.byteLength });
      expect(await sharp(file).metadata()).toMatchObject({ format: 'png', width: 320, height: 192 });
    }
    expect(job.outputs).toMatchObject([
      { filename: 'picture-1.png', mediaType: 'image/png' },
      { filename: 'picture-2.png', mediaType: 'image/png' },
    ]);
    expect(heard.length).toBeGreaterThan(2);
    expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  });

  it('repeats a picture by its seed; the second of two is that of the next seed', async () => {
    const size = { width: 64, height: 64 };
    const both = await digestsOf(await generate({ ...size, seed: 4_294_967_295, count: 2 }));
    expect(await digestsOf(await generate({ ...size, seed: 4_294_967_295 }))).toEqual([both[0]]);
    expect(await digestsOf(await generate({ ...size, seed: 0 }))).toEqual([both[1]]);
    expect(both[0]).not.toBe(both[1]);
  });

  it('chooses a seed when none is given, and tells it, so that the picture can be had again', async () => {
    const [first, second] = [await generate({ width: 64 }), await generate({ width: 64 })];
    expect(first.seed).not.toBe(second.seed);
    const again = await generate({ width: 64, seed: first.seed });
    expect(await digestsOf(again)).toEqual(await digestsOf(first));
  });

  it('makes squares: of a single side, and of 512 pixels when none is given', async () => {
    expect((await generate({ height: 80 })).assets).toMatchObject([{ width: 80, height: 80 }]);
    expect((await generate({})).assets).toMatchObject([{ width: 512, height: 512 }]);
  });

  it('stops in the middle of a picture when the job is cancelled', async () => {
    const abort = new AbortController();
    const onProgress = ({ percent }: Progress): void => {
      if (percent > 0) abort.abort(new Error('the job was cancelled'));
    };
    const job = bench.context({ signal: abort.signal, onProgress });
    await expect(generate({ width: 2_048, count: 8 }, job)).rejects.toThrow('the job was cancelled');
    expect(job.outputs).toEqual([]);
    expect(bench.pool.pids).toEqual([]);
  });
});

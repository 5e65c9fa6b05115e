import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { ImagePool } from '../image-pool.js';
import { SamplePictures } from '../sample-pictures.fixtures.js';
import { AbstractPicture, type AbstractPictureOptions } from './abstract-picture.js';

const fox = { prompt: 'a fox in the snow', seed: 7, width: 96, height: 64 };
const pool = new ImagePool(1);
let folder: SamplePictures;
beforeAll(async () => void (folder = await SamplePictures.create()));
afterAll(async () => {
  await pool.close();
  await folder.remove();
});

/** Draws as the worker's child process does; the path of the picture. */
async function draw({ seed, ...options }: AbstractPictureOptions): Promise<string> {
  const picture = { name: 'picture', seed, path: folder.path(`${crypto.randomUUID()}.png`) };
  await pool.run({ kind: 'draw', ...options, pictures: [picture] }, new AbortController().signal);
  return picture.path;
}

async function pixelsOf(options: AbstractPictureOptions): Promise<Buffer> {
  return sharp(await draw(options))
    .raw()
    .toBuffer();
}

function sha256(pixels: Uint8Array): string {
  return createHash('sha256').update(pixels).digest('hex');
}

/** Nearly the least and nearly the most brightness in the picture, 0 to 255. */
async function brightness(path: string): Promise<{ darkest: number; lightest: number }> {
  const values = (await sharp(path).greyscale().raw().toBuffer()).sort();
  return { darkest: values.at(values.length / 100)!, lightest: values.at(-values.length / 100)! };
}

describe('an abstract picture', () => {
  // The promise that a seed repeats a picture, on other machines and with later releases too: do not adapt these.
  it.each([
    ['a fox in the snow', 7, '55a35ccb9c0214a7e268a28d5d81c0320eddf974e31de69c217f85f91b48afaa'],
    ['', 0, '70e9dfc882be68878164b844b8d175db31634fd01070226955349564259e1e12'],
    ['狐\u{1f98a}', 4_294_967_295, '2976e78bcc5d572bf7c93df1d2af08d9c4a2836931f6968967f541b5e3bf5b4e'],
  ])('of %j with seed %d is the same everywhere, to the last bit', async (prompt, seed, digest) => {
    expect(sha256(await pixelsOf({ ...fox, prompt, seed }))).toBe(digest);
  });

  it('is another one for another seed, and for another prompt', async () => {
    const all = [fox, { ...fox, seed: 8 }, { ...fox, prompt: 'a fox in the snow.' }];
    const digests = await Promise.all(all.map(async (one) => sha256(await pixelsOf(one))));
    expect(new Set(digests).size).toBe(3);
  });

  it('is the same drawn at once or in parts', () => {
    const small = { ...fox, width: 24, height: 16 };
    const picture = new AbstractPicture(small);
    const parts = [picture.rows(0, 3), picture.rows(3, 12), picture.rows(15, 1)];
    expect(sha256(Buffer.concat(parts))).toBe(sha256(new AbstractPicture(small).rows(0, 16)));
  });

  it('shows the same at another size', async () => {
    const small = await pixelsOf({ ...fox, width: 80, height: 80 });
    const large = await pixelsOf({ ...fox, width: 240, height: 240 });
    // The middle of each small pixel is that of a large one.
    const differences = small.map((value, i) => {
      const [pixel, channel] = [Math.floor(i / 3), i % 3];
      const [x, y] = [(pixel % 80) * 3 + 1, Math.floor(pixel / 80) * 3 + 1];
      return Math.abs(value - large[(y * 240 + x) * 3 + channel]!);
    });
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  });

  it('goes from dark to light, whatever the seed', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { darkest, lightest } = await brightness(await draw({ ...fox, seed }));
      expect({ seed, dark: darkest < 130, light: lightest > 120, range: lightest - darkest > 60 }).toEqual({
        seed,
        dark: true,
        light: true,
        range: true,
      });
    }
  });
});

import { readFile, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { imageFormats } from '@heavylift/contracts';
import sharp from 'sharp';
import { ImagePool } from './image-pool.js';
import type { PictureFile, VariantTask } from './image-task.js';
import { SamplePictures } from './sample-pictures.fixtures.js';

const forever = new AbortController().signal;
const pool = new ImagePool(1);
let samples: SamplePictures;

beforeAll(async () => {
  samples = await SamplePictures.create();
});

afterAll(async () => {
  await pool.close();
  await samples.remove();
});

async function resize(source: string, variant: Partial<VariantTask>): Promise<PictureFile> {
  const [outcome] = await pool.run(samples.task(source, variant), forever);
  return outcome as PictureFile;
}

/** The colour in the middle of a part of the picture, like `e03020`. */
async function colourAt(path: string, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + info.channels)];
}

function expectColour(actual: readonly number[], expected: readonly number[], within = 12): void {
  expect(actual).toHaveLength(expected.length);
  for (const [at, value] of expected.entries())
    expect(Math.abs((actual[at] ?? -999) - value)).toBeLessThan(within);
}

const red = [0xe0, 0x30, 0x20];
const blue = [0x20, 0x30, 0xe0];

describe('a resized phone photo', () => {
  it('stands upright, at the size of the upright picture', async () => {
    const made = await resize(await samples.phonePhoto('phone.jpg'), { width: 150, format: 'png' });
    expect(made).toMatchObject({ width: 150, height: 200 });
    expect(await sharp(made.path).metadata()).toMatchObject({ width: 150, height: 200 });
    expectColour(await colourAt(made.path, 75, 20), red);
    expectColour(await colourAt(made.path, 75, 180), blue);
  });

  it.each(imageFormats)('keeps no metadata as %s: no place, no maker, no orientation', async (format) => {
    const source = await samples.phonePhoto('place.jpg');
    expect((await readFile(source)).includes('Camera maker')).toBe(true);
    const made = await resize(source, { width: 100, format });
    const facts = await sharp(made.path).metadata();
    expect([facts.exif, facts.xmp, facts.iptc, facts.orientation]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect((await readFile(made.path)).includes('Camera maker')).toBe(false);
  });
});

describe('formats', () => {
  it.each([
    ['jpeg', 'jpeg'],
    ['png', 'png'],
    ['webp', 'webp'],
    ['avif', 'heif'],
  ] as const)('makes %s, and says its real size', async (format, container) => {
    const made = await resize(await samples.noise('plain.png', 300, 200), { width: 150, format });
    expect(await sharp(made.path).metadata()).toMatchObject({ format: container, width: 150, height: 100 });
    expect(made.bytes).toBe((await readFile(made.path)).length);
  });

  it.each(['jpeg', 'webp', 'avif'] as const)('takes the quality of %s', async (format) => {
    const source = await samples.noise('quality.png', 120, 80);
    const poor = await resize(source, { format, quality: 10 });
    const good = await resize(source, { format, quality: 90 });
    expect(good.bytes).toBeGreaterThan(poor.bytes * 2);
  });

  it.each(['png', 'webp', 'gif', 'avif', 'tiff', 'jpeg'])(
    'reads %s, alone and for many variants',
    async (kind) => {
      const source = await samples.noise(`in.${kind}`, 64, 48);
      const variants = [
        { width: 32, format: 'png' },
        { format: 'jpeg' },
        { width: 16, format: 'webp' },
      ] as const;
      const made = await pool.run(samples.tasks(source, variants), forever);
      expect(made.map(({ width, height }) => `${width}x${height}`)).toEqual(['32x24', '64x48', '16x12']);
      expect(await resize(source, { width: 32, format: 'png' })).toMatchObject({ width: 32, height: 24 });
    },
  );

  it('makes the same picture whether it decodes once for several variants or for one', async () => {
    const source = samples.path('deep.png');
    const create = {
      width: 40,
      height: 40,
      channels: 4,
      background: { r: 200, g: 90, b: 10, alpha: 0.5 },
    } as const;
    await sharp({ create }).toColourspace('rgb16').png().toFile(source);
    const variant = { width: 20, format: 'png' } as const;
    const [first] = await pool.run(samples.tasks(source, [variant, { ...variant, name: 'other' }]), forever);
    const alone = await resize(source, variant);
    expect(await colourAt(first?.path ?? '', 10, 10)).toEqual(await colourAt(alone.path, 10, 10));
    expect((await sharp(alone.path).metadata()).depth).toBe('uchar');
  });

  it('takes the first frame of an animation', async () => {
    const frames = await Promise.all(
      ['#e03020', '#2030e0'].map((background) =>
        sharp({ create: { width: 40, height: 30, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const source = samples.path('animated.gif');
    await sharp(frames, { join: { animated: true } })
      .gif({ delay: [100, 100] })
      .toFile(source);
    expect((await sharp(source).metadata()).pages).toBe(2);
    const made = await resize(source, { format: 'webp' });
    expect(made).toMatchObject({ width: 40, height: 30 });
    expect((await sharp(made.path).metadata()).pages).toBeUndefined();
    expectColour((await colourAt(made.path, 20, 15)).slice(0, 3), red);
  });

  it('puts white behind what is transparent where the format cannot be', async () => {
    const source = samples.path('clear.png');
    await sharp({ create: { width: 20, height: 20, channels: 4, background: '#00000000' } }).toFile(source);
    const made = await resize(source, { format: 'jpeg' });
    expectColour(await colourAt(made.path, 10, 10), [255, 255, 255]);
  });

  it.each([
    ['p3', 'srgb'],
    ['cmyk', 'cmyk'],
  ] as const)('brings the colours of %s to sRGB', async (profile, space) => {
    const source = samples.path(`${profile}.jpg`);
    await sharp({ create: { width: 32, height: 32, channels: 3, background: '#b07060' } })
      .toColourspace(space)
      .withIccProfile(profile)
      .jpeg({ quality: 95 })
      .toFile(source);
    const made = await resize(source, { width: 16, format: 'png' });
    expect(await sharp(made.path).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
    expectColour(await colourAt(made.path, 8, 8), [0xb0, 0x70, 0x60], 24);
  });
});

describe('fits', () => {
  it.each<[Partial<VariantTask>, number, number]>([
    [{ fit: 'inside', width: 100, height: 100 }, 100, 50],
    [{ fit: 'inside', width: 4_000, height: 4_000 }, 400, 200],
    [{ fit: 'cover', width: 100, height: 100 }, 100, 100],
    [{ fit: 'cover', width: 600, height: 600 }, 600, 600],
    [{ fit: 'contain', width: 100, height: 100 }, 100, 100],
    [{ fit: 'fill', width: 100, height: 100 }, 100, 100],
    [{ fit: 'fill', width: 100 }, 100, 50],
    [{ fit: 'outside', width: 100, height: 100 }, 200, 100],
    [{ fit: 'cover', height: 400 }, 800, 400],
    [{ fit: 'contain' }, 400, 200],
  ])('makes of 400x200 as %j %i x %i', async (variant, width, height) => {
    const made = await resize(await samples.noise('fits.png', 400, 200), { ...variant, format: 'png' });
    expect(made).toMatchObject({ width, height });
  });

  it('pads with nothing where the format can be transparent, else with white', async () => {
    const source = await samples.noise('pad.png', 400, 200);
    const box = { fit: 'contain', width: 100, height: 100 } as const;
    const clear = await resize(source, { ...box, format: 'webp' });
    const white = await resize(source, { ...box, format: 'jpeg' });
    expect((await colourAt(clear.path, 50, 5)).at(3)).toBe(0);
    expectColour(await colourAt(white.path, 50, 5), [255, 255, 255]);
  });
});

describe('a source that cannot be used', () => {
  const cannot = (
    source: string,
    code: string,
    variant: Partial<VariantTask> = { width: 10 },
  ): Promise<void> =>
    expect(resize(source, variant)).rejects.toMatchObject({ name: 'UnrecoverableError', code });

  it.each([
    ['text.jpg', 'this is no picture'],
    ['empty.jpg', ''],
    [
      'drawing.svg',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    ],
    ['page.pdf', '%PDF-1.4\n%%EOF'],
  ])('refuses %s, which is not a picture that it reads', async (name, content) => {
    await writeFile(samples.path(name), content);
    await cannot(samples.path(name), 'source.not_an_image');
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'])(
    'refuses a %s that was cut off, without naming our files',
    async (kind) => {
      const source = await samples.noise(`cut.${kind}`, 120, 90);
      await truncate(source, Math.floor((await readFile(source)).length / 2));
      await cannot(source, 'source.broken');
      await expect(resize(source, {})).rejects.toThrow(/^(?!.*heavylift-pictures).*damaged or cut off/);
    },
  );

  it('takes a jpeg with odd bytes between its parts, as phones write it', async () => {
    const source = await samples.noise('odd.jpg', 40, 30);
    const whole = await readFile(source);
    const scan = whole.indexOf(Buffer.from([0xff, 0xda]));
    await writeFile(source, Buffer.concat([whole.subarray(0, scan), Buffer.alloc(7), whole.subarray(scan)]));
    expect(await resize(source, { width: 20 })).toMatchObject({ width: 20, height: 15 });
  });

  it('refuses 400 million pixels by the header, without taking their memory', async () => {
    const source = samples.path('huge.png');
    const create = { width: 20_000, height: 20_000, channels: 3, background: '#205080' } as const;
    await sharp({ create, limitInputPixels: false })
      .toColourspace('b-w')
      .png({ compressionLevel: 1 })
      .toFile(source);
    await cannot(source, 'source.too_large');
    await expect(resize(source, {})).rejects.toThrow('20000x20000 = 400000000 pixels; the limit is 50000000');
    expect(await peakMegabytes()).toBeLessThan(400);
  }, 120_000);

  it('refuses a variant that would be gigapixels', async () => {
    const source = await samples.noise('thin.png', 4, 9_000);
    await cannot(source, 'variant.too_large', { fit: 'outside', width: 8_192 });
  });

  it('says of a source that is not there that trying again may help', async () => {
    await expect(resize(samples.path('missing.jpg'), {})).rejects.toMatchObject({
      name: 'HeavyliftError',
      code: 'image.failed',
    });
  });

  it('tells a place that cannot be written to from a bad source', async () => {
    const task = samples.task(await samples.noise('good.png', 40, 30));
    const nowhere = task.variants.map((variant) => ({
      ...variant,
      path: samples.path('no/such/folder/x.webp'),
    }));
    await expect(pool.run({ ...task, variants: nowhere }, forever)).rejects.toMatchObject({
      name: 'HeavyliftError',
      code: 'image.failed',
    });
  });
});

/** The most memory that the pool's process ever had. */
async function peakMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${pool.pids[0]}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

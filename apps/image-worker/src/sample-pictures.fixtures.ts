import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ResizeTask, VariantTask } from './image-task.js';

/** A folder of pictures for one spec file, made as they are asked for. */
export class SamplePictures {
  private constructor(readonly dir: string) {}

  static async create(): Promise<SamplePictures> {
    return new SamplePictures(await mkdtemp(join(tmpdir(), 'heavylift-pictures-')));
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  /** As a phone held upright writes it: stored on its side (red left half, blue right half), with the place it was taken. */
  async phonePhoto(name: string, width = 400, height = 300): Promise<string> {
    const half = await sharp(plain(width / 2, height, '#2030e0'))
      .png()
      .toBuffer();
    await sharp(plain(width, height, '#e03020'))
      .composite([{ input: half, left: width / 2, top: 0 }])
      .withExif({
        IFD0: { Make: 'Camera maker', Orientation: '6' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
      })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 90 })
      .toFile(this.path(name));
    return this.path(name);
  }

  /** Noise, so that it costs what a photo of its size costs. The format is by the ending of the name. */
  async noise(name: string, width: number, height: number): Promise<string> {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    await sharp({ create: { width, height, channels: 3, background: '#888888', noise } }).toFile(
      this.path(name),
    );
    return this.path(name);
  }

  /** A task with one variant, `inside` and webp unless told otherwise. */
  task(source: string, variant: Partial<VariantTask> = {}): ResizeTask {
    return this.tasks(source, [variant]);
  }

  tasks(source: string, variants: readonly Partial<VariantTask>[]): ResizeTask {
    return { kind: 'resize', source, variants: variants.map((variant, at) => this.#variant(variant, at)) };
  }

  #variant(variant: Partial<VariantTask>, at: number): VariantTask {
    const { name = `v${at}`, fit = 'inside', format = 'webp' } = variant;
    return { ...variant, name, fit, format, path: this.path(`${name}-${crypto.randomUUID()}.${format}`) };
  }
}

function plain(width: number, height: number, background: string) {
  return { create: { width, height, channels: 3, background } } as const;
}

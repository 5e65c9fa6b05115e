import { setImmediate } from 'node:timers/promises';
import type { DrawTask, ImageNews } from '../image-task.ts';
import { savePng } from '../libvips.ts';
import { AbstractPicture } from './abstract-picture.ts';

/** Some hundredths of a second's work. */
const pixelsAtATime = 8_192;

/** Draws the pictures as PNG, one after another. In between it lets this process hear whether its parent still lives. */
export async function* drawPictures({
  prompt,
  width,
  height,
  pictures,
}: DrawTask): AsyncGenerator<ImageNews> {
  const band = Math.ceil(pixelsAtATime / width);
  for (const [at, { name, seed, path }] of pictures.entries()) {
    const drawn = new AbstractPicture({ prompt, seed, width, height });
    const pixels = new Uint8Array(width * height * 3);
    for (let row = 0; row < height; row += band) {
      pixels.set(drawn.rows(row, Math.min(band, height - row)), row * width * 3);
      await setImmediate();
      yield { kind: 'progressed', share: (at + row / height) / pictures.length };
    }
    const bytes = await savePng(pixels, { width, height }, path);
    yield { kind: 'made', picture: { name, format: 'png', path, width, height, bytes } };
  }
}

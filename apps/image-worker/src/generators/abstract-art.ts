import { randomInt } from 'node:crypto';
import { largestSeed } from '@heavylift/contracts';
import type { ImagePool } from '../image-pool.js';
import {
  type GeneratedImages,
  ImageGenerator,
  type GeneratorRun,
  type ImageRequest,
} from './image-generator.js';

const defaultSide = 512;

/**
 * The built-in generator, which needs no server: abstract art by a small network whose weights the prompt and the seed choose. It does not show what the
 * prompt says. The same prompt, seed and size give the same pixels on every machine. The drawing is done in the pool's child processes.
 */
export class AbstractArt extends ImageGenerator {
  override readonly name = 'built-in: abstract art by a pattern-producing network';
  readonly #images: ImagePool;

  constructor(images: ImagePool) {
    super();
    this.#images = images;
  }

  override async generate(request: ImageRequest, run: GeneratorRun): Promise<GeneratedImages> {
    const { prompt, seed = randomInt(largestSeed + 1), count } = request;
    const width = request.width ?? request.height ?? defaultSide;
    const height = request.height ?? width;
    const pictures = Array.from({ length: count }, (_, at) => {
      const name = `picture-${at + 1}`;
      return { name, seed: (seed + at) % (largestSeed + 1), path: run.workspace.path(`${name}.png`) };
    });
    const task = { kind: 'draw', prompt, width, height, pictures } as const;
    const made = await this.#images.run(task, run.signal, (news) => {
      if (news.kind === 'progressed') run.progress(news.share);
    });
    return { pictures: made, seed };
  }
}

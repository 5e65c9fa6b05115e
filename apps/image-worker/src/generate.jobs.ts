import {
  generateImage,
  GenerateImagePayload,
  type GenerateImageResult,
  type GeneratedImage,
} from '@heavylift/contracts';
import { JobContext } from '@heavylift/core';
import { JobHandler, type Workspace, Workspaces } from '@heavylift/nestjs';
import { Controller } from '@nestjs/common';
import { ImageGenerator } from './generators/image-generator.js';
import type { PictureFile } from './image-task.js';
import { describePicture, pictureFilename } from './picture-filename.js';

/** Percent of the job that is done once all pictures are made. */
const madePercent = 95;

/** The handler of `image.generate`. */
@Controller()
export class GenerateJobs {
  constructor(
    private readonly generator: ImageGenerator,
    private readonly workspaces: Workspaces,
  ) {}

  @JobHandler(generateImage)
  generate({ count = 1, ...payload }: GenerateImagePayload, job: JobContext): Promise<GenerateImageResult> {
    return this.workspaces.use(job, async (workspace) => {
      job.log(`${count} by ${this.generator.name}`);
      const { pictures, seed } = await this.generator.generate(
        { ...payload, count },
        { workspace, signal: job.signal, progress: (share) => job.progress(share * madePercent) },
      );
      for (const picture of pictures) job.log(describePicture(picture));
      const assets = await this.#store(pictures, workspace);
      return { assets, ...(seed === undefined ? {} : { seed }), provider: this.generator.name };
    });
  }

  async #store(pictures: readonly PictureFile[], workspace: Workspace): Promise<GeneratedImage[]> {
    const stored: GeneratedImage[] = [];
    for (const { name, format, path, width, height, bytes } of pictures) {
      const filename = pictureFilename({ name, format });
      const asset = await workspace.save(path, { name: filename, filename, mediaType: `image/${format}` });
      stored.push({ asset, width, height, bytes });
    }
    return stored;
  }
}

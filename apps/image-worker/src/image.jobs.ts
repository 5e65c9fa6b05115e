import {
  type ImageVariant,
  type ResizedImage,
  resizeImage,
  ResizeImagePayload,
  type ResizeImageResult,
} from '@heavylift/contracts';
import { JobContext } from '@heavylift/core';
import { JobHandler, type Workspace, Workspaces } from '@heavylift/nestjs';
import { Controller } from '@nestjs/common';
import { ImagePool } from './image-pool.js';
import type { ImageNews, PictureFile } from './image-task.js';
import { describePicture, pictureFilename } from './picture-filename.js';

/** The handler of `image.resize`. */
@Controller()
export class ImageJobs {
  constructor(
    private readonly images: ImagePool,
    private readonly workspaces: Workspaces,
  ) {}

  @JobHandler(resizeImage)
  resize(payload: ResizeImagePayload, job: JobContext): Promise<ResizeImageResult> {
    return this.workspaces.use(job, async (workspace) => {
      const source = await workspace.fetch(payload.source, 'source');
      const made = await this.#make(source, payload.variants, workspace, job);
      // Stored only now that all are made: a failed attempt leaves nothing in the storage.
      return { variants: await this.#store(made, workspace) };
    });
  }

  #make(
    source: string,
    wanted: readonly ImageVariant[],
    workspace: Workspace,
    job: JobContext,
  ): Promise<readonly PictureFile[]> {
    const variants = wanted.map((variant) => ({
      ...variant,
      path: workspace.path(pictureFilename(variant)),
    }));
    let count = 0;
    const onNews = (news: ImageNews): void => {
      if (news.kind === 'read') job.log(`source: ${news.format} ${news.width}x${news.height}`);
      if (news.kind !== 'made') return;
      job.log(describePicture(news.picture));
      count += 1;
      // The last one is told by the end, which comes at once: a message and a row more for each job of one picture costs a twentieth of its processor time on RabbitMQ.
      if (count < variants.length)
        job.progress(
          (count / variants.length) * 100,
          `${news.picture.name} (${count} of ${variants.length})`,
        );
    };
    return this.images.run({ kind: 'resize', source, variants }, job.signal, onNews);
  }

  async #store(made: readonly PictureFile[], workspace: Workspace): Promise<ResizedImage[]> {
    const stored: ResizedImage[] = [];
    for (const { name, format, path, width, height, bytes } of made) {
      const file = pictureFilename({ name, format });
      // By the file name: asset ids drop a dash at the end, and `a` and `a-` are two names.
      const asset = await workspace.save(path, { name: file, filename: file, mediaType: `image/${format}` });
      stored.push({ name, asset, width, height, bytes });
    }
    return stored;
  }
}

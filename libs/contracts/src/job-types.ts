import type { JobDefinition } from '@heavylift/core';
import { generateImage } from './image/generate-image.js';
import { resizeImage } from './image/resize-image.js';
import { transcodeVideo } from './video/transcode-video.js';
import { videoThumbnails } from './video/video-thumbnails.js';

/** Every job type that the gateway takes, by name. */
export const jobTypes: ReadonlyMap<string, JobDefinition> = new Map(
  [transcodeVideo, videoThumbnails, resizeImage, generateImage].map((job) => [
    job.name,
    job as unknown as JobDefinition,
  ]),
);

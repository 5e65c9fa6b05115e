import type { ImageFormat } from '@heavylift/contracts';
import type { PictureFile } from './image-task.js';

const extensions: Readonly<Record<ImageFormat, string>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
};

/** Like `small.jpg`. */
export function pictureFilename({
  name,
  format,
}: {
  readonly name: string;
  readonly format: ImageFormat;
}): string {
  return `${name}.${extensions[format]}`;
}

/** For people, like `made small.jpg: 320x240, 20480 bytes`. */
export function describePicture(picture: PictureFile): string {
  const { width, height, bytes } = picture;
  return `made ${pictureFilename(picture)}: ${width}x${height}, ${bytes} bytes`;
}

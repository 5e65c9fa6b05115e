import type { ImageFormat } from '@heavylift/contracts';

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

import { UnrecoverableError } from '@heavylift/core';

/** What is read or made at most. */
export const videoLimits = {
  /** Pixels on either side. */
  side: 8_192,
  /** Pixels of a picture: 8K has 33 million. */
  pixels: 50_000_000,
  durationSeconds: 24 * 3_600,
} as const;

interface Measures {
  readonly width: number;
  readonly height: number;
}

export function isTooLarge({ width, height }: Measures): boolean {
  return Math.max(width, height) > videoLimits.side || width * height > videoLimits.pixels;
}

/** @throws {UnrecoverableError} `source.too_many_pixels`, `source.too_long` */
export function checkSourceLimits(video: Measures & { readonly durationSeconds: number }): void {
  const { side, pixels, durationSeconds } = videoLimits;
  if (isTooLarge(video))
    throw new UnrecoverableError(
      'source.too_many_pixels',
      `the video is ${video.width}x${video.height}; the limit is ${side} on a side and ${pixels} pixels; scale it down before`,
    );
  if (video.durationSeconds > durationSeconds)
    throw new UnrecoverableError(
      'source.too_long',
      `the video is ${Math.round(video.durationSeconds)} s long; the limit is ${durationSeconds} s; cut it before`,
    );
}

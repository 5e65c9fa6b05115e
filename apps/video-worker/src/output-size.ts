import { UnrecoverableError } from '@heavylift/core';
import { isTooLarge, videoLimits } from './video-limits.js';

/** Pixels as they are seen: turned upright, with square pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface WantedSize {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/**
 * The size that is made of a source: its aspect ratio stays. One side given: the other follows. Both given: the largest that
 * fits into that box. None: as the source. Sides are rounded to multiples of `step`; video needs even ones.
 * @throws {UnrecoverableError} `output.too_many_pixels`
 */
export function outputSize(source: Size, wanted: WantedSize, step: 1 | 2): Size {
  const scale = Math.min(
    ...(wanted.width ? [wanted.width / source.width] : []),
    ...(wanted.height ? [wanted.height / source.height] : []),
  );
  const size = scaled(source, Number.isFinite(scale) ? scale : 1, step);
  if (!isTooLarge(size)) return size;
  throw new UnrecoverableError(
    'output.too_many_pixels',
    `the result would be ${size.width}x${size.height}; the limit is ${videoLimits.side} on a side and ${videoLimits.pixels} pixels; ask for a smaller width or height`,
  );
}

function scaled(source: Size, scale: number, step: number): Size {
  const side = (length: number): number => Math.max(step, Math.round((length * scale) / step) * step);
  return { width: side(source.width), height: side(source.height) };
}

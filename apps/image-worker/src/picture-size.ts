import type { ImageFormat } from '@heavylift/contracts';
import type { VariantTask } from './image-task.ts';
import { PictureError } from './picture-error.ts';

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the contract's largest box holds: no answer to a well-formed payload needs more. */
const maxResultPixels = 8_192 * 8_192;

/** The longest side that the format (or, for png, the contract's result) can tell of. */
const longestSides: Readonly<Record<ImageFormat, number>> = {
  jpeg: 65_535,
  png: 100_000,
  webp: 16_383,
  avif: 16_384,
};

/** The size that a variant of an upright source will have, give or take a pixel of rounding. */
export function resultSize(source: Size, variant: VariantTask): Size {
  const { width, height, fit } = variant;
  if (fit !== 'inside' && fit !== 'outside' && width !== undefined && height !== undefined)
    return { width, height };
  return scaled(source, scaleOf(source, variant));
}

/** @throws {PictureError} `variant.too_large`: a thin source can make a picture of gigapixels out of one small number. */
export function refuseOversized(source: Size, variant: VariantTask): void {
  const { width, height } = resultSize(source, variant);
  const longest = longestSides[variant.format];
  if (width * height <= maxResultPixels && Math.max(width, height) <= longest) return;
  throw new PictureError(
    'variant.too_large',
    `variant "${variant.name}" would be ${width}x${height} pixels; a ${variant.format} may have ${maxResultPixels} pixels ` +
      `and ${longest} on a side: ask for a smaller width and height`,
    true,
  );
}

function scaleOf(source: Size, { width, height, fit }: VariantTask): number {
  if (width === undefined && height === undefined) return 1;
  const scales = [
    ...(width === undefined ? [] : [width / source.width]),
    ...(height === undefined ? [] : [height / source.height]),
  ];
  return fit === 'inside' ? Math.min(1, ...scales) : Math.max(...scales);
}

function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

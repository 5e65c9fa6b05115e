import { stat } from 'node:fs/promises';
import type { ImageFormat } from '@heavylift/contracts';
import sharp, { type Metadata, type Sharp } from 'sharp';
import type { ImageNews, InspectTask, PictureFile, ResizeTask, VariantTask } from './image-task.ts';
import { PictureError } from './picture-error.ts';
import { refuseOversized, type Size } from './picture-size.ts';

/** The most pixels that a source may have; a phone makes 12 to 50 million. */
export const maxSourcePixels = 50_000_000;

const readableKinds = 'jpeg, png, webp, gif, avif or tiff';
const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((kind) => `VipsForeignLoad${kind}File`);

/** These decode all pixels however small the result; jpeg and webp decode at a fraction of the size, which beats sharing. */
const decodedWhole: ReadonlySet<string> = new Set(['png', 'gif', 'heif', 'tiff']);

/**
 * `error` takes the pictures of phones that write odd but harmless headers (libvips' strictest level `warning` refuses
 * them), and still refuses a file that was cut off: better no picture than one that is grey from the middle on.
 */
const readOptions = { limitInputPixels: maxSourcePixels, failOn: 'error' } as const;

/** Sets up libvips in this process: no reader but those of the kinds above, one thread, no cache between tasks. */
export function restrictLibvips(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: loaders });
  sharp.concurrency(1);
  sharp.cache(false);
}

/**
 * Makes the variants, one after another: upright, in sRGB, without metadata, of an animation the first frame.
 * @throws {PictureError} `source.not_an_image`, `source.too_large`, `source.broken`, `variant.too_large` or `image.failed`
 */
export async function* resize({ source, variants }: ResizeTask): AsyncGenerator<ImageNews> {
  const facts = await inspect(source);
  yield { kind: 'read', format: facts.format, ...facts.autoOrient };
  for (const variant of variants) refuseOversized(facts.autoOrient, variant);
  try {
    const open = await opener(source, facts, variants.length);
    for (const variant of variants) yield { kind: 'made', picture: await make(open(), variant) };
  } catch (error) {
    throw await explain(error, source);
  }
}

/**
 * Looks whether files that others made are whole pictures, and tells what they are.
 * @throws {PictureError} `source.not_an_image` also for a kind that is not among the formats of results, `source.too_large` or `source.broken`
 */
export async function* inspectPictures({ pictures }: InspectTask): AsyncGenerator<ImageNews> {
  for (const { name, path } of pictures) {
    const facts = await inspect(path);
    const format = resultFormatOf(facts);
    const broken = await damage(path);
    if (broken) throw broken;
    const { width, height } = facts.autoOrient;
    const { size: bytes } = await stat(path);
    yield { kind: 'made', picture: { name, format, path, width, height, bytes } };
  }
}

/** Writes pixels, red, green and blue for each, as a PNG. */
export async function savePng(pixels: Uint8Array, { width, height }: Size, path: string): Promise<number> {
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
  return (await picture.png({ adaptiveFiltering: true }).toFile(path)).size;
}

/** By the names that libvips gives them. */
const resultFormats: Readonly<Record<string, ImageFormat>> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  heif: 'avif',
};

function resultFormatOf({ format }: Metadata): ImageFormat {
  const found = resultFormats[format];
  if (found) return found;
  throw new PictureError(
    'source.not_an_image',
    `it is ${format}, which is none of jpeg, png, webp or avif`,
    true,
  );
}

/** Reads the header alone: cheap, however large the picture says it is. */
async function inspect(source: string): Promise<Metadata> {
  const facts = await header(source);
  refuseTooManyPixels(facts);
  // The container is libheif's, but without a decoder for HEVC: what iPhones write would fail later, and less clearly.
  if (facts.format === 'heif' && facts.compression !== 'av1')
    throw new PictureError('source.not_an_image', notReadable(`heif with ${facts.compression}`), true);
  return facts;
}

async function header(source: string): Promise<Metadata> {
  try {
    return await sharp(source, { ...readOptions, limitInputPixels: false }).metadata();
  } catch (error) {
    const reason = reasonOf(error, source);
    if (reason.includes('unsupported image format'))
      throw new PictureError('source.not_an_image', notReadable('it'), true);
    if (reason.includes('corrupt header')) throw broken(reason);
    throw failed(reason);
  }
}

function refuseTooManyPixels({ width, height }: Size): void {
  if (width * height <= maxSourcePixels) return;
  throw new PictureError(
    'source.too_large',
    `the source has ${width}x${height} = ${width * height} pixels; the limit is ${maxSourcePixels}`,
    true,
  );
}

/** A way to start on the picture as often as there are variants. */
async function opener(source: string, facts: Metadata, times: number): Promise<() => Sharp> {
  const open = (): Sharp => sharp(source, readOptions).autoOrient();
  if (times === 1 || !decodedWhole.has(facts.format)) return open;
  const { data, info } = await open().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return () => sharp(data, { ...readOptions, raw: { width, height, channels } });
}

async function make(picture: Sharp, variant: VariantTask): Promise<PictureFile> {
  const { name, format, path } = variant;
  const made = await encode(fit(picture, variant), variant).toFile(path);
  return { name, format, path, width: made.width, height: made.height, bytes: made.size };
}

function fit(picture: Sharp, { width, height, fit, format }: VariantTask): Sharp {
  if (width === undefined && height === undefined) return picture;
  const wholeBox = width !== undefined && height !== undefined;
  return picture.resize({
    width,
    height,
    // With one side given, libvips' fill would keep the other as it is; the contract says that it follows.
    fit: wholeBox || fit === 'inside' ? fit : 'outside',
    withoutEnlargement: fit === 'inside',
    background: format === 'jpeg' ? white : transparent,
  });
}

const white = { r: 255, g: 255, b: 255 };
const transparent = { r: 0, g: 0, b: 0, alpha: 0 };

function encode(picture: Sharp, { format, quality }: VariantTask): Sharp {
  switch (format) {
    case 'jpeg':
      return picture.flatten({ background: white }).jpeg({ quality: quality ?? 80 });
    case 'png':
      return picture.png();
    case 'webp':
      return picture.webp({ quality: quality ?? 80 });
    case 'avif':
      // Effort 4, the default, takes four times the processor time for files of the same size.
      return picture.avif({ quality: quality ?? 50, effort: 3 });
  }
}

/** Tells a source that cannot be decoded, which no retry mends, from whatever else went wrong (a full disk, say). */
async function explain(error: unknown, source: string): Promise<PictureError> {
  if (error instanceof PictureError) return error;
  return (await damage(source)) ?? failed(reasonOf(error, source));
}

/** What is wrong with the pixels; undefined when all can be read. */
async function damage(source: string): Promise<PictureError | undefined> {
  try {
    await sharp(source, readOptions).resize(64, 64, { fit: 'fill' }).raw().toBuffer();
    return undefined;
  } catch (error) {
    return broken(reasonOf(error, source));
  }
}

function broken(reason: string): PictureError {
  return new PictureError('source.broken', `the source is damaged or cut off: ${reason}`, true);
}

function failed(reason: string): PictureError {
  return new PictureError('image.failed', `the picture could not be made: ${reason}`, false);
}

function notReadable(what: string): string {
  return `the source is not a picture that can be read: ${what} is none of ${readableKinds}`;
}

/** The last line that libvips said, without the name of a temporary file. */
function reasonOf(error: unknown, source: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? 'no reason given').replaceAll(source, 'the source').slice(0, 300);
}

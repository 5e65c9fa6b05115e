import { defineJob, exponential } from '@heavylift/core';
import { Type } from 'class-transformer';
import { IsArray, IsString, Length, Matches, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { Described, OptionalWholeNumber, WholeNumber } from '../fields.js';

/** Seeds go from 0 to this. */
export const largestSeed = 2 ** 32 - 1;
export const mostGeneratedImages = 8;
const shortestGeneratedSide = 64;
const longestGeneratedSide = 2_048;

export class GenerateImagePayload {
  @IsString()
  @Length(1, 4_000)
  @Matches(/\S/, { message: '$property must say something' })
  @Described('What the picture is to be of, 1 to 4,000 characters.')
  prompt!: string;

  @OptionalWholeNumber(
    0,
    largestSeed,
    'The same prompt, seed and size again: the same pictures, where the provider can do that. Default: a new one.',
  )
  seed?: number;

  @OptionalWholeNumber(
    shortestGeneratedSide,
    longestGeneratedSide,
    'Width in pixels. Default: as the height; with neither, what the provider makes by itself (the built-in one 512 by 512).',
  )
  width?: number;

  @OptionalWholeNumber(
    shortestGeneratedSide,
    longestGeneratedSide,
    'Height in pixels. Default: as the width.',
  )
  height?: number;

  @OptionalWholeNumber(
    1,
    mostGeneratedImages,
    'How many pictures. The second is that of the next seed, and so on. Default: 1.',
  )
  count?: number;
}

export class GeneratedImage {
  @IsString()
  @Described('Asset id of the picture.')
  asset!: string;

  @WholeNumber(1, 100_000, 'Width in pixels; a provider may make another one than was asked for.')
  width!: number;

  @WholeNumber(1, 100_000, 'Height in pixels.')
  height!: number;

  @WholeNumber(0, Number.MAX_SAFE_INTEGER, 'Size of the file.')
  bytes!: number;
}

export class GenerateImageResult {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GeneratedImage)
  @JSONSchema({
    items: { $ref: '#/components/schemas/GeneratedImage' },
    description: 'As many as were asked for.',
  })
  assets!: GeneratedImage[];

  @OptionalWholeNumber(
    0,
    largestSeed,
    'The seed of the first picture. Absent when none was given and the provider does not tell its own.',
  )
  seed?: number;

  @IsString()
  @Described('Who made them. The built-in one says here that it draws abstract art.')
  provider!: string;
}

export const generateImage = defineJob({
  name: 'image.generate',
  version: 1,
  description: 'Makes pictures from a text.',
  payload: GenerateImagePayload,
  result: GenerateImageResult,
  example: { prompt: 'a fox in the snow', seed: 7, width: 512, height: 512, count: 2 },
  // Providers limit rates and have outages: together the waits bridge some ten minutes.
  retry: exponential({ attempts: 8, first: '5s', limit: '10m' }),
  timeout: '30m',
});

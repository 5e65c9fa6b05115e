import { defineJob, exponential } from '@heavylift/core';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  Matches,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { Described, longestSide, OptionalWholeNumber, WholeNumber } from '../fields.js';
import { IsSource } from '../source.js';

export const imageFormats = ['jpeg', 'png', 'webp', 'avif'] as const;
export type ImageFormat = (typeof imageFormats)[number];
export const imageFits = ['inside', 'cover', 'contain', 'fill', 'outside'] as const;
export type ImageFit = (typeof imageFits)[number];

export class ImageVariant {
  @Matches(/^[a-z0-9][a-z0-9_-]{0,39}$/, { message: '$property must be 1 to 40 of a-z, 0-9, - and _' })
  @Described('Names this picture in the result, like `small`; unique in the job.')
  name!: string;

  @OptionalWholeNumber(1, longestSide, 'Width in pixels. Default: by the height, or as the source.')
  width?: number;

  @OptionalWholeNumber(1, longestSide, 'Height in pixels. Default: by the width, or as the source.')
  height?: number;

  @IsIn(imageFits)
  @Described(
    '`inside` keeps the whole picture within the box and never enlarges; `cover` fills the box and crops; `contain` fills it and pads; `fill` stretches; `outside` covers it uncropped.',
    { default: 'inside' },
  )
  fit: ImageFit = 'inside';

  @IsIn(imageFormats)
  @Described('Format of the new picture.')
  format!: ImageFormat;

  @OptionalWholeNumber(1, 100, 'Quality of jpeg, webp and avif. Default: 80 (avif 50).')
  quality?: number;
}

export class ResizeImagePayload {
  @IsSource()
  source!: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ArrayUnique((variant: ImageVariant) => variant?.name, { message: '$property must have unique names' })
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ImageVariant)
  @JSONSchema({
    items: { $ref: '#/components/schemas/ImageVariant' },
    description: 'The pictures to make, 1 to 20.',
  })
  variants!: ImageVariant[];
}

export class ResizedImage {
  @IsString()
  @Described('The name that the payload gave it.')
  name!: string;

  @IsString()
  @Described('Asset id of the picture.')
  asset!: string;

  @WholeNumber(1, 100_000, 'Width in pixels.')
  width!: number;

  @WholeNumber(1, 100_000, 'Height in pixels.')
  height!: number;

  @WholeNumber(0, Number.MAX_SAFE_INTEGER, 'Size of the file.')
  bytes!: number;
}

export class ResizeImageResult {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ResizedImage)
  @JSONSchema({
    items: { $ref: '#/components/schemas/ResizedImage' },
    description: 'In the order of the payload.',
  })
  variants!: ResizedImage[];
}

export const resizeImage = defineJob({
  name: 'image.resize',
  version: 1,
  description: 'Makes smaller pictures of one, upright, in the sizes and formats asked for.',
  payload: ResizeImagePayload,
  result: ResizeImageResult,
  example: {
    source: 'https://example.com/photo.jpg',
    variants: [{ name: 'small', width: 320, fit: 'inside', format: 'webp' }],
  },
  retry: exponential({ attempts: 3, first: '2s', limit: '5m' }),
  timeout: '10m',
  sources: (payload) => [payload.source],
  sourceKind: 'image',
});

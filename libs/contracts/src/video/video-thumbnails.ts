import { defineJob, exponential } from '@heavylift/core';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsNumber,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { Described, longestSide, Optional, OptionalWholeNumber, Seconds, WholeNumber } from '../fields.js';
import { IsSource } from '../source.js';

export const thumbnailFormats = ['jpeg', 'png', 'webp'] as const;
export type ThumbnailFormat = (typeof thumbnailFormats)[number];
export const mostThumbnails = 100;

export class VideoThumbnailsPayload {
  @IsSource()
  source!: string;

  @OptionalWholeNumber(
    1,
    mostThumbnails,
    'How many pictures, evenly spread over the video. Default: 1, unless `at` is given.',
  )
  count?: number;

  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(mostThumbnails)
  @IsNumber({}, { each: true })
  @Min(0, { each: true })
  @Max(86_400, { each: true })
  @Described(
    'The moments to take, in seconds from the start; after the end, the last picture. Goes before `count`.',
  )
  at?: number[];

  @OptionalWholeNumber(16, longestSide, 'Width in pixels; the height follows. Default: as the video.')
  width?: number;

  @Optional()
  @IsIn(thumbnailFormats)
  @Described('Default: jpeg.')
  format?: ThumbnailFormat;
}

export class VideoThumbnail {
  @IsString()
  @Described('Asset id of the picture.')
  asset!: string;

  @Seconds('The moment it shows.')
  atSeconds!: number;

  @WholeNumber(1, 100_000, 'Width in pixels.')
  width!: number;

  @WholeNumber(1, 100_000, 'Height in pixels.')
  height!: number;
}

export class VideoThumbnailsResult {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => VideoThumbnail)
  @JSONSchema({
    items: { $ref: '#/components/schemas/VideoThumbnail' },
    description: 'In the order of their moments.',
  })
  assets!: VideoThumbnail[];
}

export const videoThumbnails = defineJob({
  name: 'video.thumbnails',
  version: 1,
  description: 'Takes still pictures out of a video.',
  payload: VideoThumbnailsPayload,
  result: VideoThumbnailsResult,
  example: { source: 'https://example.com/clip.mov', count: 4, width: 320, format: 'jpeg' },
  retry: exponential({ attempts: 3, first: '5s', limit: '5m' }),
  timeout: '30m',
  sources: (payload) => [payload.source],
  sourceKind: 'video',
});

import { defineJob, exponential } from '@heavylift/core';
import { IsBoolean, IsIn, IsString } from 'class-validator';
import { Described, longestSide, Optional, OptionalWholeNumber, Seconds, WholeNumber } from '../fields.js';
import { IsSource } from '../source.js';

export const videoFormats = ['mp4', 'webm'] as const;
export type VideoFormat = (typeof videoFormats)[number];

export class TranscodeVideoPayload {
  @IsSource()
  source!: string;

  @IsIn(videoFormats)
  @Described('`mp4` is H.264 with AAC and plays everywhere; `webm` is VP9 with Opus.')
  format!: VideoFormat;

  @OptionalWholeNumber(
    16,
    longestSide,
    'Height in pixels, rounded to an even number. With a width, the picture fits inside both. Default: by the width, or as the source.',
  )
  height?: number;

  @OptionalWholeNumber(
    16,
    longestSide,
    'Width in pixels, rounded to an even number. With a height, the picture fits inside both. Default: by the height, or as the source.',
  )
  width?: number;

  @OptionalWholeNumber(
    50,
    100_000,
    'Average video bit rate in kbit/s. Goes before `crf`. Default: constant quality.',
  )
  videoBitrateKbps?: number;

  @OptionalWholeNumber(
    0,
    63,
    'Constant quality, lower is better: 0 to 51 for mp4 (default 23), 0 to 63 for webm (default 32).',
  )
  crf?: number;

  @Optional()
  @IsBoolean()
  @Described('Whether to keep the sound. Default: true.')
  audio?: boolean;
}

export class TranscodeVideoResult {
  @IsString()
  @Described('Asset id of the new video.')
  asset!: string;

  @Seconds('Length of the new video.')
  durationSeconds!: number;

  @WholeNumber(1, 100_000, 'Width in pixels.')
  width!: number;

  @WholeNumber(1, 100_000, 'Height in pixels.')
  height!: number;

  @WholeNumber(0, Number.MAX_SAFE_INTEGER, 'Size of the file.')
  bytes!: number;

  @IsString()
  @Described('Like `h264`.')
  videoCodec!: string;

  @Optional()
  @IsString()
  @Described('Like `aac`; absent when there is no sound.')
  audioCodec?: string;
}

export const transcodeVideo = defineJob({
  name: 'video.transcode',
  version: 1,
  description: 'Makes an MP4 or WebM of a video, in another size or quality.',
  payload: TranscodeVideoPayload,
  result: TranscodeVideoResult,
  example: { source: 'https://example.com/clip.mov', format: 'mp4', height: 240 },
  retry: exponential({ attempts: 3, first: '5s', limit: '5m' }),
  timeout: '6h',
  sources: (payload) => [payload.source],
  sourceKind: 'video',
});

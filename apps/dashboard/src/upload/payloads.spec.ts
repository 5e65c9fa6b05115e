import { parsePayload } from '@heavylift/core';
import { resizeImage, transcodeVideo, videoThumbnails } from '@heavylift/contracts';
import { describe, expect, it } from '@jest/globals';
import {
  firstThumbnails,
  firstTranscode,
  firstVariants,
  presets,
  resizePayload,
  thumbnailsPayload,
  transcodePayload,
  variantOf,
} from './payloads.js';

const source = '01900000-0000-7000-8000-000000000001';

describe('the forms', () => {
  it('start with what the contracts take', () => {
    parsePayload(transcodeVideo, transcodePayload(source, firstTranscode));
    parsePayload(videoThumbnails, thumbnailsPayload(source, firstThumbnails));
    parsePayload(resizeImage, resizePayload(source, firstVariants()));
  });

  it('leave out what is empty or as the source', () => {
    expect(transcodePayload(source, { format: 'webm', height: 'source', audio: false })).toEqual({
      source,
      format: 'webm',
      audio: false,
    });
    expect(thumbnailsPayload(source, { count: ' ', width: '' })).toEqual({ source, format: 'jpeg' });
  });

  it('give each added picture a name of its own', () => {
    const preset = presets[0]!;
    const variants = [0, 1, 2].reduce<ReturnType<typeof firstVariants>>(
      (rows) => [...rows, variantOf(preset, rows)],
      [],
    );
    expect(variants.map(({ name }) => name)).toEqual(['thumbnail', 'thumbnail-2', 'thumbnail-3']);
    parsePayload(resizeImage, resizePayload(source, variants));
  });
});

import { describe, expect, it } from '@jest/globals';
import { readProbe } from './probe.js';

const video = { index: 0, codec_type: 'video', codec_name: 'h264', width: 720, height: 576 };
const audio = { index: 1, codec_type: 'audio', codec_name: 'aac', channels: 6 };

function read(streams: readonly object[], duration = '4.5') {
  return readProbe(JSON.stringify({ streams, format: { duration } }));
}

describe('readProbe', () => {
  it('gives the size as it is seen when pixels are not square', () => {
    expect(read([{ ...video, sample_aspect_ratio: '64:45' }])).toMatchObject({ width: 1_024, height: 576 });
  });

  it.each([90, -90, 270])('turns the size by a rotation of %d', (rotation) => {
    const turned = { ...video, side_data_list: [{}, { rotation }] };
    expect(read([turned])).toMatchObject({ width: 576, height: 720, rotation });
  });

  it('keeps the size when upside down', () => {
    expect(read([{ ...video, side_data_list: [{ rotation: -180 }] }])).toMatchObject({
      width: 720,
      height: 576,
    });
  });

  it('passes over the cover of an album', () => {
    const cover = { ...video, disposition: { attached_pic: 1 } };
    expect(() => read([cover, audio])).toThrow(expect.objectContaining({ code: 'source.no_video' }));
    expect(read([cover, { ...video, index: 2 }]).videoStream).toBe(2);
  });

  it('takes the first sound whose codec is known', () => {
    const unknown = { index: 1, codec_type: 'audio' };
    expect(read([video, unknown, { ...audio, index: 2 }]).audio).toEqual({
      codec: 'aac',
      stream: 2,
      channels: 6,
    });
    expect(read([video, unknown]).audio).toBeUndefined();
  });

  it('tells the length of the pictures from that of the file', () => {
    expect(read([{ ...video, duration: '2.0' }])).toMatchObject({ durationSeconds: 4.5, pictureSeconds: 2 });
    const matroska = { ...video, tags: { DURATION: '00:01:02.500000000' } };
    expect(read([matroska], '63')).toMatchObject({ durationSeconds: 63, pictureSeconds: 62.5 });
    expect(read([video], 'N/A')).toMatchObject({ durationSeconds: 0, pictureSeconds: 0 });
  });

  it('calls a video without a size broken', () => {
    expect(() => read([{ ...video, width: 0 }])).toThrow(expect.objectContaining({ code: 'source.broken' }));
  });
});

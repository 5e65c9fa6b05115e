import { describe, expect, it } from '@jest/globals';
import { readProbe } from './probe.js';
import { thumbnailMoments } from './thumbnail-moments.js';

const stream = { index: 0, codec_type: 'video', codec_name: 'h264', width: 320, height: 180 };
const tenSeconds = readProbe(
  JSON.stringify({ streams: [{ ...stream, avg_frame_rate: '25/1' }], format: { duration: '10.0' } }),
);

describe('thumbnailMoments', () => {
  it('takes the middle when nothing is asked', () => {
    expect(thumbnailMoments({}, tenSeconds)).toEqual([5]);
  });

  it('spreads a count evenly', () => {
    expect(thumbnailMoments({ count: 4 }, tenSeconds)).toEqual([1.25, 3.75, 6.25, 8.75]);
  });

  it('takes the moments asked for in their order, before a count', () => {
    expect(thumbnailMoments({ at: [7, 0, 3.5], count: 9 }, tenSeconds)).toEqual([0, 3.5, 7]);
  });

  it('takes the last picture for a moment after the end', () => {
    expect(thumbnailMoments({ at: [9.99, 86_400] }, tenSeconds)).toEqual([9.96, 9.96]);
  });

  it('trusts the moments when the file does not tell its length', () => {
    const endless = readProbe(JSON.stringify({ streams: [stream], format: {} }));
    expect(thumbnailMoments({ at: [3] }, endless)).toEqual([3]);
    expect(thumbnailMoments({ count: 2 }, endless)).toEqual([0, 0]);
  });
});

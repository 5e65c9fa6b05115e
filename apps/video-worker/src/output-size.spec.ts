import { describe, expect, it } from '@jest/globals';
import { outputSize } from './output-size.js';

const hd = { width: 1_280, height: 720 };

describe('outputSize', () => {
  it.each([
    ['keeps the size of the source when none is asked', hd, {}, hd],
    ['lets the width follow the height', hd, { height: 240 }, { width: 426, height: 240 }],
    ['lets the height follow the width', hd, { width: 640 }, { width: 640, height: 360 }],
    ['fits inside a box that is too high', hd, { width: 320, height: 320 }, { width: 320, height: 180 }],
    ['fits inside a box that is too wide', hd, { width: 4_000, height: 360 }, { width: 640, height: 360 }],
    ['scales up when asked', hd, { height: 1_080 }, { width: 1_920, height: 1_080 }],
    ['makes odd sides even', { width: 321, height: 181 }, {}, { width: 322, height: 182 }],
    ['never goes below two pixels', { width: 4_000, height: 10 }, { width: 16 }, { width: 16, height: 2 }],
  ])('%s', (_, source, wanted, size) => {
    expect(outputSize(source, wanted, 2)).toEqual(size);
  });

  it('allows odd sides for pictures', () => {
    expect(outputSize(hd, { width: 101 }, 1)).toEqual({ width: 101, height: 57 });
  });

  it('refuses a size that no machine could hold', () => {
    expect(() => outputSize({ width: 4_000, height: 40 }, { height: 8_192 }, 2)).toThrow(
      expect.objectContaining({ code: 'output.too_many_pixels' }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatLeft,
  formatMoment,
  formatSaving,
  formatTook,
} from './format.js';

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [335_797, '336 kB'],
    [999_600, '1.0 MB'],
    [4_637_436, '4.6 MB'],
    [2 * 1024 ** 3, '2.1 GB'],
  ])('%d bytes are %s', (bytes, shown) => {
    expect(formatBytes(bytes)).toBe(shown);
  });

  it.each([
    [-5_000, '0 s'],
    [59_400, '59 s'],
    [59_600, '1 m 00 s'],
    [125_000, '2 m 05 s'],
    [4_800_000, '1 h 20 m'],
  ])('%d ms take %s', (ms, shown) => {
    expect(formatDuration(ms)).toBe(shown);
  });

  it.each([
    [900, 'a few seconds left'],
    [5_100, 'about 10 s left'],
    [52_000, 'about 55 s left'],
    [58_000, 'about 1 min left'],
    [130_000, 'about 2 min left'],
    [3_590_000, 'about 1 h left'],
    [4_900_000, 'about 1 h 20 min left'],
    [50_000_000, 'about 14 h left'],
  ])('%d ms to go are %s', (ms, shown) => {
    expect(formatLeft(ms)).toBe(shown);
  });

  it('tell tenths of what was short', () => {
    expect([400, 9_940, 9_960].map(formatTook)).toEqual(['0.4 s', '9.9 s', '10 s']);
  });

  it.each([
    [0, '0:00'],
    [4.5, '0:04.5'],
    [59.97, '1:00'],
    [3_723, '1:02:03'],
  ])('second %d of a film is %s', (seconds, shown) => {
    expect(formatMoment(seconds)).toBe(shown);
  });

  it('tell an age by one unit', () => {
    expect([-1, 59_000, 60_000, 7_200_000, 172_800_000].map(formatAge)).toEqual([
      'now',
      '59 s',
      '1 m',
      '2 h',
      '2 d',
    ]);
  });

  it('tell what was saved, and what was not', () => {
    expect([
      formatSaving(18, 100),
      formatSaving(100, 100),
      formatSaving(150, 100),
      formatSaving(1, 0),
      formatSaving(1, 100_000),
    ]).toEqual(['82% smaller', 'same size', '50% larger', '', 'over 99% smaller']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from './retry-after.js';

const now = Date.parse('2030-01-31T08:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['7', 7_000],
    [' 1.5 ', 1_500],
    ['0', 1_000],
    ['99999999999999999999', 3_600_000],
    ['Thu, 31 Jan 2030 08:00:30 GMT', 30_000],
    ['Thu, 31 Jan 2030 07:59:00 GMT', 1_000],
    ['Fri, 01 Feb 2030 08:00:00 GMT', 3_600_000],
  ])('%j means a wait of %d ms', (header, waitMs) => {
    expect(retryAfterMs(header, now)).toBe(waitMs);
  });

  it.each([undefined, '', 'soon', 'NaN'])('%j means none', (header) => {
    expect(retryAfterMs(header, now)).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { binOf, type Histogram, percentile, upperEndOf } from './duration-bins.js';

function histogramOf(durations: readonly number[]): Histogram {
  const counts = new Map<number, number>();
  for (const ms of durations) counts.set(binOf(ms), (counts.get(binOf(ms)) ?? 0) + 1);
  return counts;
}

describe('bins of durations', () => {
  it('hold a duration between their ends, whose distance is under a fifth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 * 86_400_000 }), (ms) => {
        const end = upperEndOf(binOf(ms));
        expect(end).toBeGreaterThanOrEqual(ms);
        expect(end + 1).toBeLessThanOrEqual((ms + 1) * 1.2);
      }),
    );
  });

  it('take what is negative, as of clocks that differ, for nothing', () => {
    expect(binOf(-5)).toBe(0);
  });

  it('give percentiles that are never too low and at most a fifth too high', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 1), (all, share) => {
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1]!;
        const found = percentile(histogramOf(all), share)!;
        expect(found).toBeGreaterThanOrEqual(Math.floor(exact));
        expect(found).toBeLessThanOrEqual((exact + 1) * 1.2);
      }),
    );
  });

  it('give none of nothing', () => {
    expect(percentile(new Map(), 0.5)).toBeUndefined();
  });
});

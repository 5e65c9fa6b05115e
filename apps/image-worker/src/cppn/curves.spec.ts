import { describe, expect, it } from '@jest/globals';
import { bell, sine, squash } from './curves.js';

const angles = Array.from({ length: 401 }, (_, i) => (i - 200) / 10);
const largestError = (curve: (x: number) => number, truth: (x: number) => number): number =>
  Math.max(...angles.map((x) => Math.abs(curve(x) - truth(x))));

describe('the curves', () => {
  it('are near the true ones', () => {
    expect(largestError(sine, Math.sin)).toBeLessThan(0.002);
    expect(largestError(squash, Math.tanh)).toBeLessThan(0.03);
    expect(largestError(bell, (x) => Math.exp((-x * x) / 2))).toBeLessThan(0.15);
  });

  it('stay within their bounds however far out', () => {
    for (const x of [1e6, -1e6, 1e300, -1e300]) {
      expect(Math.abs(sine(x))).toBeLessThanOrEqual(1);
      expect(Math.abs(squash(x))).toBe(1);
      expect(bell(x)).toBeLessThan(1e-6);
    }
  });
});

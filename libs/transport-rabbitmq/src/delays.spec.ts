import { describe, expect, it } from '@jest/globals';
import { planHop } from './delays.js';
import { delaySteps } from './topology.js';

/** The wait as it would be, all hops together. */
function totalMs(delayMs: number): number {
  let waitedMs = 0;
  for (;;) {
    const hop = planHop(delayMs - waitedMs);
    if (!hop) return waitedMs;
    waitedMs += hop.step.ms;
    if (!hop.more) return waitedMs;
  }
}

describe('planHop', () => {
  it('needs no queue for a wait of nothing', () => {
    expect(planHop(0)).toBeUndefined();
    expect(planHop(-5)).toBeUndefined();
  });

  it('needs a single hop where a step is near', () => {
    for (const step of delaySteps) expect(planHop(step.ms)).toEqual({ step, more: false });
    expect(planHop(900)).toMatchObject({ step: { name: '1s' }, more: false });
    expect(planHop(1_100)).toMatchObject({ step: { name: '1s' }, more: false });
  });

  it('is never early by more than a fifth, nor late by more than a quarter or 100 ms', () => {
    for (let delayMs = 80; delayMs < 30 * 3_600_000; delayMs = Math.ceil(delayMs * 1.03)) {
      expect(totalMs(delayMs)).toBeGreaterThanOrEqual(delayMs * 0.8);
      expect(totalMs(delayMs)).toBeLessThanOrEqual(Math.max(delayMs * 1.25, delayMs + 100));
    }
  });

  it('goes beyond the longest step by several hops', () => {
    expect(planHop(5 * 3_600_000)).toMatchObject({ step: { name: '1h' }, more: true });
    expect(totalMs(24 * 3_600_000)).toBe(24 * 3_600_000);
  });
});

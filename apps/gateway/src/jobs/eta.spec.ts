import { describe, expect, it } from '@jest/globals';
import { etaSeconds, type RunFacts } from './eta.js';

const start = Date.UTC(2030, 0, 1);
const after = (seconds: number): string => new Date(start + seconds * 1_000).toISOString();
/** A run that had done `percent` after `ranSeconds`. */
const runOf = (percent: number, ranSeconds: number): RunFacts => ({
  status: 'running',
  startedAt: after(0),
  progressedAt: after(ranSeconds),
  progress: { percent },
});
const now = (seconds: number): number => start + seconds * 1_000;

describe('the seconds until a run ends', () => {
  it('follow from its pace so far', () => {
    expect(etaSeconds(runOf(25, 60), now(60))).toBe(180);
    expect(etaSeconds(runOf(50, 10), now(10))).toBe(10);
    expect(etaSeconds(runOf(99.9, 1_000), now(1_000))).toBe(2);
  });

  it('go down between two tellings', () => {
    expect(etaSeconds(runOf(25, 60), now(90))).toBe(150);
  });

  it.each([
    ['that has told nothing', { ...runOf(0, 0), progressedAt: undefined }, 10],
    ['at its very beginning', runOf(0.5, 10), 10],
    ['of less than a second', runOf(50, 0.9), 1],
    ['that says it is done', runOf(100, 10), 10],
    ['that ought to be done', runOf(80, 40), 51],
    ['that is stalled', runOf(10, 20), 41],
    ['that told something at once and then nothing', runOf(5, 2), 8],
    ['that does not run', { ...runOf(50, 10), status: 'retrying' }, 10],
  ] as const)('are not said of a run %s', (_, run, seconds) => {
    expect(etaSeconds(run as RunFacts, now(seconds))).toBeUndefined();
  });

  it('do not grow where the clocks of worker and gateway differ', () => {
    expect(etaSeconds(runOf(50, 10), now(5))).toBe(10);
  });
});

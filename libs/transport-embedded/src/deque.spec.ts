import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Deque } from './deque.js';

describe('Deque', () => {
  it('gives what an array would give', () => {
    const steps = fc.array(fc.oneof(fc.record({ push: fc.nat(3_000) }), fc.record({ take: fc.nat(3_000) })));
    fc.assert(
      fc.property(steps, (list) => list.forEach(bothWays())),
      { numRuns: 200 },
    );
  });

  it('has nothing to give when it is empty', () => {
    const deque = new Deque<number>();
    expect(deque.shift()).toBeUndefined();
    expect(deque.take(3)).toEqual([]);
    expect(deque.size).toBe(0);
  });
});

/** Does each step with a deque and with an array, and compares. */
function bothWays(): (step: { push: number } | { take: number }) => void {
  const deque = new Deque<number>();
  const array: number[] = [];
  let next = 0;
  return (step) => {
    if ('push' in step) {
      const items = Array.from({ length: step.push }, () => ++next);
      for (const item of items) deque.push(item);
      array.push(...items);
    } else expect(deque.take(step.take)).toEqual(array.splice(0, step.take));
    expect(deque.size).toBe(array.length);
  };
}

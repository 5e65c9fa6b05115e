import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

describe('turns', () => {
  it('asks the tiers in their order, but one round in 8 from the second on, and one in 64 from the third', () => {
    const turns = new Turns([['high'], ['normal'], ['low']]);
    const rounds = Array.from({ length: 64 }, () => turns.next());
    const first = (name: string): number[] => rounds.flatMap(([asked], i) => (asked === name ? [i + 1] : []));
    expect(rounds[0]).toEqual(['high', 'normal', 'low']);
    expect(first('normal')).toEqual([8, 16, 24, 32, 40, 48, 56]);
    expect(first('low')).toEqual([64]);
    expect(rounds[63]).toEqual(['low', 'high', 'normal']);
  });

  it('asks each queue of a tier first equally often', () => {
    const turns = new Turns([['a', 'b', 'c'], ['d']]);
    const firsts = Array.from({ length: 48 }, () => turns.next()[0]);
    for (const queue of ['a', 'b', 'c']) expect(firsts.filter((first) => first === queue)).toHaveLength(14);
  });

  it('asks each queue once in every round, whatever the tiers', () => {
    const turns = new Turns([[], ['a', 'b'], [], ['c']]);
    for (let round = 0; round < 100; round++) expect(turns.next().toSorted()).toEqual(['a', 'b', 'c']);
    expect(new Turns([[]]).next()).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { JobLog } from '../api/model.js';
import { LogJoiner, withPart } from './log-changes.js';

const part = (seq: number, lines: readonly string[], omitted = 0): JobLog => ({
  seq,
  omitted,
  items: lines.map((line) => ({ at: '', attempt: 1, line })),
});
const textsOf = (log: JobLog | undefined) => log?.items.map(({ line }) => line);

describe('the log on the page', () => {
  it('grows by what is newer than what it has, and by nothing else', () => {
    const log = part(3, ['a', 'b'], 7);
    expect(withPart(log, part(3, ['b']))).toBe(log);
    expect(withPart(log, part(4, ['c'], 2))).toEqual(part(4, ['a', 'b', 'c'], 9));
  });

  it('holds its newest 1,000 lines, and counts the others', () => {
    const full = part(
      1,
      Array.from({ length: 1_000 }, (_, i) => `line ${i}`),
    );
    const log = withPart(full, part(2, ['x', 'y']));
    expect([log.items.length, log.omitted]).toEqual([1_000, 2]);
    expect(textsOf(log)!.slice(-3)).toEqual(['line 999', 'x', 'y']);
  });

  it('has each line once, whether it comes before, with or after what is read', () => {
    let shown: JobLog | undefined;
    const joiner = new LogJoiner((log) => (shown = log));
    joiner.begin();
    joiner.take(part(2, ['two']));
    joiner.take(part(3, ['three']));
    expect(shown).toBeUndefined();
    joiner.read(part(2, ['one', 'two']));
    joiner.take(part(4, ['four']));
    expect(textsOf(shown)).toEqual(['one', 'two', 'three', 'four']);
    joiner.begin();
    joiner.read(part(9, ['all of it']));
    expect(textsOf(shown)).toEqual(['all of it']);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { LogBatch } from '../store/index.js';
import { logPartView, logView } from './log-view.js';

const lines = (from: number, count: number): LogBatch['lines'] =>
  Array.from({ length: count }, (_, i) => ({ at: `at ${from + i}`, line: `line ${from + i}` }));

const batch = (fields: Partial<LogBatch>): LogBatch => ({
  seq: 1,
  attempt: 1,
  run: 'run-1',
  lines: lines(1, 2),
  leftOut: 0,
  total: 2,
  ...fields,
});

describe('the log of a job', () => {
  it('is empty where nothing was written', () => {
    expect(logView([])).toEqual({ items: [], omitted: 0, seq: 0 });
  });

  it('has a line where a worker left some out, and counts them', () => {
    const view = logView([
      batch({ leftOut: 312, total: 314 }),
      batch({ seq: 2, lines: lines(315, 1), total: 315 }),
    ]);
    expect(view.items.map(({ line }) => line)).toEqual([
      'line 1',
      'line 2',
      '… 312 lines left out',
      'line 315',
    ]);
    expect(view).toMatchObject({
      omitted: 312,
      seq: 2,
      items: [{ at: 'at 1', attempt: 1 }, {}, { at: 'at 2' }, {}],
    });
  });

  it('shows the newest 1,000 lines, and counts the older ones, also of runs of which none is left', () => {
    const view = logView([
      batch({ lines: [], total: 700 }),
      batch({ seq: 2, attempt: 2, run: 'run-2', lines: lines(1, 600), total: 600 }),
      batch({ seq: 3, attempt: 2, run: 'run-2', lines: lines(601, 500), total: 1_100 }),
    ]);
    expect(view.items).toHaveLength(1_000);
    expect(view.items[0]!.line).toBe('line 101');
    expect(view.omitted).toBe(800);
  });

  it('counts no less than nothing where a batch of a run is missing its number', () => {
    expect(logView([batch({ total: 0 })]).omitted).toBe(0);
  });

  it('tells a part as it is, with what was left out of it', () => {
    expect(logPartView(batch({ seq: 8, leftOut: 3, total: 5 }))).toMatchObject({
      items: [{}, {}, { line: '… 3 lines left out' }],
      omitted: 3,
      seq: 8,
    });
  });
});

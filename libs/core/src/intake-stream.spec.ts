import { setTimeout as passes } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type IntakeStream, StreamedSlots } from './intake-stream.js';
import { Streak } from './streak.js';

function streaming(): { readonly stream: IntakeStream; readonly widened: number[] } {
  const widened: number[] = [];
  const nothing = (): Promise<void> => Promise.resolve();
  return { stream: { widen: (by) => void widened.push(by), stop: nothing, check: nothing }, widened };
}

const sum = (widened: readonly number[]): number => widened.reduce((all, by) => all + by, 0);

async function until(met: () => boolean): Promise<void> {
  for (const began = performance.now(); !met(); await passes(5))
    if (performance.now() - began > 25_000) throw new Error('not within 25 s');
}

describe('slots of a stream', () => {
  it('are all that nothing else takes up', () => {
    const { stream, widened } = streaming();
    new StreamedSlots(10).fill(stream, 4);
    expect(widened).toEqual([6]);
  });

  it('grow by each that falls free, while others run on', async () => {
    const { stream, widened } = streaming();
    const slots = new StreamedSlots(10);
    slots.fill(stream, 10);
    expect(widened).toEqual([]);
    slots.freed();
    await until(() => sum(widened) === 1);
    for (let count = 0; count < 3; count++) slots.freed();
    await until(() => sum(widened) === 4);
  });

  it('do not grow by those that are taken up again, nor after the end', async () => {
    const { stream, widened } = streaming();
    const slots = new StreamedSlots(2);
    slots.fill(stream, 2);
    slots.freed();
    slots.taken();
    await passes(50);
    slots.freed();
    slots.close();
    slots.freed();
    await passes(50);
    expect(widened).toEqual([]);
  });
});

describe('a streak', () => {
  const saw = (streak: Streak<string>, queue: string, count: number): void => {
    for (let left = count; left > 0; left--) streak.saw(queue);
  };

  it('is many jobs of one queue in a row', () => {
    const streak = new Streak<string>();
    saw(streak, 'a', 19);
    saw(streak, 'b', 19);
    expect(streak.queue).toBeUndefined();
    streak.saw('b');
    expect(streak.queue).toBe('b');
  });

  it('outlasts some jobs of another queue, and passes to one that has many', () => {
    const streak = new Streak<string>();
    saw(streak, 'a', 20);
    saw(streak, 'b', 19);
    expect(streak.queue).toBe('a');
    streak.saw('b');
    expect(streak.queue).toBe('b');
  });

  it('does not come again at once after its end', async () => {
    const streak = new Streak<string>();
    saw(streak, 'a', 20);
    streak.end();
    saw(streak, 'a', 20);
    expect(streak.queue).toBeUndefined();
    await passes(300);
    saw(streak, 'a', 20);
    expect(streak.queue).toBe('a');
  });
});

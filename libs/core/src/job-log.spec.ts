import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { JobLog } from './job-log.js';
import type { LoggedFacts } from './logged-event.js';

const now = new Date(1_000_000);

/** A log whose events go where `publish` says. */
function logTo(publish: (facts: LoggedFacts) => Promise<void>) {
  const lost: number[] = [];
  const log = new JobLog({ publish, now: () => now, onLost: (lines) => lost.push(lines) });
  return { log, lost };
}

function recording() {
  const told: LoggedFacts[] = [];
  return { told, ...logTo(async (facts) => void told.push(facts)) };
}

const textsOf = (told: readonly LoggedFacts[]): string[] =>
  told.flatMap(({ lines }) => lines.map(({ line }) => line));

describe('the log of a run', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('sends at most one event a second, numbered, with all lines in order', async () => {
    const { log, told } = recording();
    log.write('one');
    log.write('two\nthree');
    expect(told).toEqual([]);
    await jest.advanceTimersByTimeAsync(1_000);
    log.write('four');
    await jest.advanceTimersByTimeAsync(999);
    expect(told).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(told.map(({ batch, total, leftOut }) => [batch, total, leftOut])).toEqual([
      [1, 3, 0],
      [2, 4, 0],
    ]);
    expect(textsOf(told)).toEqual(['one', 'two', 'three', 'four']);
    expect(told[0]!.lines[0]).toEqual({ at: now.toISOString(), line: 'one' });
  });

  it('sends what is left at the end, at once', async () => {
    const { log, told, lost } = recording();
    log.write('last words');
    await log.end();
    expect(textsOf(told)).toEqual(['last words']);
    expect(lost).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('counts the lines that are too many for an event', async () => {
    const { log, told } = recording();
    for (let n = 1; n <= 412; n++) log.write(`line ${n}`);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told).toMatchObject([{ batch: 1, leftOut: 312, total: 412 }]);
    expect(textsOf(told)).toHaveLength(100);
    expect(textsOf(told).at(-1)).toBe('line 100');
  });

  it('sends an event that failed again under its number, and keeps no more than two meanwhile', async () => {
    const told: LoggedFacts[] = [];
    let away = true;
    const { log, lost } = logTo(async (facts) => {
      told.push(facts);
      if (away) throw new Error('broker away');
    });
    log.write('first');
    await jest.advanceTimersByTimeAsync(3_000);
    expect(told.map(({ batch }) => batch)).toEqual([1, 1, 1]);
    for (let n = 1; n <= 1_000; n++) log.write(`line ${n}`);
    away = false;
    await jest.advanceTimersByTimeAsync(2_000);
    expect(told.slice(3).map(({ batch, leftOut, total }) => [batch, leftOut, total])).toEqual([
      [1, 0, 1],
      [2, 900, 1_001],
    ]);
    await log.end();
    expect(lost).toEqual([]);
  });

  it('sends one at a time, however long that takes', async () => {
    const told: LoggedFacts[] = [];
    const { log } = logTo((facts) => {
      told.push(facts);
      return new Promise((resolve) => setTimeout(resolve, 5_000));
    });
    log.write('slow');
    await jest.advanceTimersByTimeAsync(1_500);
    log.write('meanwhile');
    await jest.advanceTimersByTimeAsync(4_000);
    expect(told).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(textsOf(told)).toEqual(['slow', 'meanwhile']);
    const ended = log.end();
    await jest.advanceTimersByTimeAsync(5_000);
    await ended;
  });

  it('keeps a run waiting for a second at most, says how many lines were lost, and then is silent', async () => {
    const tries: LoggedFacts[] = [];
    const { log, lost } = logTo((facts) => {
      tries.push(facts);
      return new Promise((_resolve, reject) => setTimeout(() => reject(new Error('no confirm')), 10_000));
    });
    for (let n = 1; n <= 300; n++) log.write(`line ${n}`);
    let ended = false;
    const end = log.end().then(() => (ended = true));
    await jest.advanceTimersByTimeAsync(1_000);
    await end;
    expect(ended).toBe(true);
    expect(lost).toEqual([300]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(tries).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('takes whatever a handler without types gives it', async () => {
    const { log, told } = recording();
    log.write(undefined as unknown as string);
    log.write({ a: 1 } as unknown as string);
    await log.end();
    expect(textsOf(told)).toEqual(['undefined', '[object Object]']);
  });
});

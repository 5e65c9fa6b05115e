import { describe, expect, it } from '@jest/globals';
import type { ScheduleRecord } from '../store/index.js';
import { newSchedule } from '../store/schedule-book.fixtures.js';
import { dueTicks } from './due-ticks.js';

const at = (time: string): number => Date.parse(`2026-05-04T${time}Z`);
const say = (ms: number | undefined): string => new Date(ms!).toISOString().slice(11, 19);

interface Said {
  readonly ticks: readonly string[];
  readonly next: string;
}

/** What a schedule that is due since `since` does at `now`. */
function due(since: string, now: number, settings: Partial<ScheduleRecord> = {}, most = 1_000): Said {
  const nextRunAt = new Date(at(since)).toISOString();
  const { ticks, nextRunAt: next } = dueTicks(newSchedule({ ...settings, nextRunAt }), now, most);
  return { ticks: ticks.map(say), next: say(next) };
}

const hourly = '0 * * * *';
const policies = ['skip', 'one', 'all'] as const;

describe('a tick on time', () => {
  it.each(policies)('is run once, whatever becomes of missed ones: %s', (catchUp) => {
    const once = { ticks: ['12:00:00'], next: '13:00:00' };
    expect(due('12:00:00', at('12:00:00'), { cron: hourly, catchUp })).toEqual(once);
    expect(due('12:00:00', at('12:00:01.900'), { cron: hourly, catchUp })).toEqual(once);
  });

  it.each(policies)('is run also when two are due at once: %s', (catchUp) => {
    const { ticks } = due('12:00:00', at('12:00:01.500'), { cron: '* * * * * *', catchUp });
    expect(ticks).toEqual(['12:00:00', '12:00:01']);
  });
});

describe('ticks that were missed', () => {
  it('are not run by "skip"', () => {
    const schedule = { cron: hourly, catchUp: 'skip' } as const;
    expect(due('09:00:00', at('12:30:00'), schedule)).toEqual({ ticks: [], next: '13:00:00' });
    expect(due('09:00:00', at('12:00:01'), schedule)).toEqual({ ticks: ['12:00:00'], next: '13:00:00' });
  });

  it('are run by "one" as the latest', () => {
    const schedule = { cron: hourly, catchUp: 'one' } as const;
    expect(due('09:00:00', at('12:30:00'), schedule)).toEqual({ ticks: ['12:00:00'], next: '13:00:00' });
    expect(due('09:00:00', at('12:00:01'), schedule)).toEqual({ ticks: ['12:00:00'], next: '13:00:00' });
  });

  it('are each run by "all", oldest first', () => {
    const schedule = { cron: hourly, catchUp: 'all' } as const;
    expect(due('09:00:00', at('12:30:00'), schedule)).toEqual({
      ticks: ['09:00:00', '10:00:00', '11:00:00', '12:00:00'],
      next: '13:00:00',
    });
  });

  it('are run by "all" in parts, none twice and none left out', () => {
    const schedule = { cron: '* * * * * *', catchUp: 'all' } as const;
    const now = at('12:00:59');
    const seen: string[] = [];
    for (let since = '12:00:00', left = 60; left > 0; left -= 25) {
      const part = due(since, now, schedule, 25);
      seen.push(...part.ticks);
      since = part.next;
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => `12:00:${String(i).padStart(2, '0')}`));
  });

  it('of a year, once a second, are found quickly by "one"', () => {
    const nextRunAt = '2025-05-04T12:00:00.000Z';
    const schedule = newSchedule({ cron: '* * * * * *', catchUp: 'one', nextRunAt });
    const { ticks, nextRunAt: next } = dueTicks(schedule, at('12:00:00'), 1_000);
    expect(ticks.length).toBeLessThanOrEqual(3);
    expect([ticks.at(-1), next]).toEqual([at('12:00:00'), at('12:00:01')]);
  });
});

describe('a clock that was set back', () => {
  it.each(policies)('makes no tick: %s', (catchUp) => {
    expect(due('12:00:00', at('11:30:00'), { cron: hourly, catchUp }).ticks).toEqual([]);
  });
});

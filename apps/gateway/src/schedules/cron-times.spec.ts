import { describe, expect, it } from '@jest/globals';
import { CronTimes, problemOfCron, problemOfTimezone } from './cron-times.js';

/** The next moments, without their seconds when these are none. */
function next(cron: string, timezone: string, after: string, count: number): string[] {
  const times = new CronTimes(cron, timezone).next(Date.parse(after), count);
  return times.map((time) => new Date(time).toISOString().replace(/(:00)?\.000Z$/, 'Z'));
}

describe('the times of a cron expression', () => {
  it('follow its five fields, in its time zone', () => {
    expect(next('30 2 * * MON-FRI', 'UTC', '2026-06-05T00:00:00Z', 3)).toEqual([
      '2026-06-05T02:30Z',
      '2026-06-08T02:30Z',
      '2026-06-09T02:30Z',
    ]);
    expect(next('0 9 1 */3 *', 'Asia/Kolkata', '2026-01-15T00:00:00Z', 2)).toEqual([
      '2026-04-01T03:30Z',
      '2026-07-01T03:30Z',
    ]);
  });

  it('may have seconds, nicknames, and the last day of a month', () => {
    expect(next('*/20 * * * * *', 'UTC', '2026-01-01T00:00:05Z', 3)).toEqual([
      '2026-01-01T00:00:20Z',
      '2026-01-01T00:00:40Z',
      '2026-01-01T00:01Z',
    ]);
    expect(next('@daily', 'UTC', '2026-01-01T12:00:00Z', 1)).toEqual(['2026-01-02T00:00Z']);
    expect(next('0 0 L * *', 'UTC', '2028-02-01T00:00:00Z', 2)).toEqual([
      '2028-02-29T00:00Z',
      '2028-03-31T00:00Z',
    ]);
  });

  it('are after the moment that is given, and the latest is not after it', () => {
    const hourly = new CronTimes('0 * * * *', 'UTC');
    const noon = Date.parse('2026-01-01T12:00:00Z');
    expect(hourly.next(noon)).toEqual([noon + 3_600_000]);
    expect(hourly.next(noon - 1)).toEqual([noon]);
    expect(hourly.latest(noon)).toBe(noon);
    expect(hourly.latest(noon - 1)).toBe(noon - 3_600_000);
  });
});

describe('when the clocks change', () => {
  it.each([
    // 2:30 does not exist on March 29: it is the moment after the gap.
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', ['28T01:30Z', '29T01:00Z', '30T00:30Z']],
    // 2:30 exists twice on October 25: it is the first.
    ['30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00:00Z', ['24T00:30Z', '25T00:30Z', '26T01:30Z']],
    ['30 2 * * *', 'America/New_York', '2026-03-07T06:00:00Z', ['07T07:30Z', '08T07:00Z', '09T06:30Z']],
    ['30 1 * * *', 'America/New_York', '2026-10-31T05:00:00Z', ['31T05:30Z', '01T05:30Z', '02T06:30Z']],
    // Lists and seconds too.
    [
      '15 30 2,14 * * *',
      'Europe/Berlin',
      '2026-10-25T00:00:00Z',
      ['25T00:30:15Z', '25T13:30:15Z', '26T01:30:15Z'],
    ],
  ])('a time of day comes once: %s in %s', (cron, timezone, after, expected) => {
    const found = next(cron, timezone, after, expected.length);
    expect(found.map((time) => time.slice('2026-10-'.length))).toEqual(expected);
  });

  it('an expression with a star or a step keeps its pace', () => {
    for (const [timezone, day] of [
      ['Europe/Berlin', '2026-03-29'],
      ['Europe/Berlin', '2026-10-25'],
      ['America/New_York', '2026-03-08'],
      ['America/New_York', '2026-11-01'],
    ] as const) {
      const times = new CronTimes('*/15 * * * *', timezone).next(Date.parse(`${day}T00:00:00Z`) - 1, 96);
      expect(times).toEqual(times.map((_, i) => Date.parse(`${day}T00:00:00Z`) + i * 900_000));
    }
  });

  it.each(['30 2 * * *', '*/10 * * * *', '15 1,2,3 * * *', '0 */2 * * *'])(
    'the latest is always the one before the next: %s',
    (cron) => {
      for (const [timezone, from] of [
        ['Europe/Berlin', '2026-03-28T20:00:00Z'],
        ['Europe/Berlin', '2026-10-24T20:00:00Z'],
        ['America/New_York', '2026-11-01T00:00:00Z'],
      ] as const) {
        const times = new CronTimes(cron, timezone);
        const series = times.next(Date.parse(from), 12);
        expect(series.map((time) => times.latest(time))).toEqual(series);
        expect(series.slice(1).map((time) => times.latest(time - 1))).toEqual(series.slice(0, -1));
      }
    },
  );
});

describe('what is no cron expression', () => {
  it.each([
    '',
    '* * *',
    '60 * * * *',
    '*/0 * * * *',
    'x',
    '@reboot',
    '2030-01-01T00:00:00',
    '* * * * * * 2030',
  ])('is named as such: "%s"', (text) =>
    expect(problemOfCron(text)).toMatch(/^must be a cron expression like .*: ./),
  );

  it('is one that never comes', () => {
    expect(problemOfCron('0 0 30 2 *')).toBe('names a time that never comes');
    expect(problemOfCron('0 0 29 2 *')).toBeUndefined();
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'])('is %s', (timezone) =>
    expect(problemOfTimezone(timezone)).toBeUndefined(),
  );
  it.each(['', 'Berlin', 'Mars/Olympus', '+01:00', 'Europe/Berlin '])('is not "%s"', (timezone) =>
    expect(problemOfTimezone(timezone)).toMatch(/^must be an IANA time zone/),
  );
});

import { Cron } from 'croner';

/**
 * The moments that a cron expression names in a time zone, in milliseconds since 1970.
 *
 * Five fields, or six with seconds first; names, lists, ranges, steps, `L`, `W`, `#`, and nicknames like `@daily`. When the clocks change, a time of day that
 * exists twice is its first, and one that does not exist is the moment after the gap: each named time comes once. An expression with `*` or a
 * step in hours, minutes or seconds keeps its pace instead.
 */
export class CronTimes {
  readonly #cron: Cron;

  /** @throws {Error} when there is no such expression or zone */
  constructor(expression: string, timezone: string) {
    this.#cron = new Cron(expression, {
      timezone,
      paused: true,
      mode: '5-or-6-parts',
      fixedTimeRule: 'no-wildcard',
    });
    // croner also takes a single date.
    if (this.#cron.getOnce()) throw new RangeError('a date is none');
  }

  /** Those after `after`, in order, at most `count` (default 1). */
  next(after: number, count = 1): number[] {
    return this.#cron.nextRuns(count, new Date(after)).map((time) => time.getTime());
  }

  /** The last one that is not after `moment`. */
  latest(moment: number): number | undefined {
    return this.#cron.previousRuns(1, new Date(moment + 1))[0]?.getTime();
  }
}

/** What is wrong with a cron expression, if anything. */
export function problemOfCron(expression: string): string | undefined {
  const form = 'must be a cron expression like "0 3 * * MON" or "*/10 * * * * *"';
  try {
    const [first] = new CronTimes(expression, 'UTC').next(Date.now());
    return first === undefined ? 'names a time that never comes' : undefined;
  } catch (error) {
    return `${form}: ${(error as Error).message.replace(/^CronPattern: /, '')}`;
  }
}

/** What is wrong with the name of a time zone, if anything. */
export function problemOfTimezone(timezone: string): string | undefined {
  const problem = 'must be an IANA time zone like "Europe/Berlin"';
  // An offset like +01:00 knows no summer time.
  if (!/^[A-Za-z]/.test(timezone)) return problem;
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return undefined;
  } catch {
    return problem;
  }
}

import type { ScheduleRecord } from '../store/index.js';
import { CronTimes } from './cron-times.js';

const shownRuns = 5;

/** A schedule as the REST API gives it. */
export type ScheduleView = Omit<ScheduleRecord, 'nextRunAt'> & {
  /** The next five; none while it is paused. */
  readonly nextRuns: readonly string[];
};

export function scheduleView({ nextRunAt, ...schedule }: ScheduleRecord): ScheduleView {
  const { lastRunAt, lastJobId, ...rest } = schedule;
  return {
    ...rest,
    nextRuns:
      nextRunAt === undefined ? [] : nextRuns(schedule, Math.max(Date.parse(nextRunAt) - 1, Date.now())),
    ...(lastRunAt === undefined ? {} : { lastRunAt }),
    ...(lastJobId === undefined ? {} : { lastJobId }),
  };
}

/** The next five runs after `after`, in milliseconds since 1970; ISO 8601. */
export function nextRuns(
  { cron, timezone }: { readonly cron: string; readonly timezone: string },
  after: number,
): string[] {
  return new CronTimes(cron, timezone).next(after, shownRuns).map((run) => new Date(run).toISOString());
}

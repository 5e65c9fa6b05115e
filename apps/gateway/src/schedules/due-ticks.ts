import type { ScheduleRecord } from '../store/index.js';
import { CronTimes } from './cron-times.js';

/** A tick that is no later than this is on time. */
export const punctualMs = 2_000;

export interface DueTicks {
  /** Those to run now, oldest first; milliseconds since 1970. */
  readonly ticks: readonly number[];
  readonly nextRunAt: number | undefined;
}

/**
 * The ticks of a schedule that are due at `now`, and when it is due next. What is on time is always run. Of what was missed, `skip` runs none, `one`
 * the latest unless a tick on time follows it, `all` each, oldest first, at most `most` at once.
 */
export function dueTicks(schedule: ScheduleRecord, now: number, most: number): DueTicks {
  const times = new CronTimes(schedule.cron, schedule.timezone);
  const since = Date.parse(schedule.nextRunAt!);
  if (schedule.catchUp === 'all') {
    const ticks = between(times, since, { now, most });
    return { ticks, nextRunAt: times.next(ticks.at(-1) ?? now)[0] };
  }
  const [nextRunAt] = times.next(now);
  const onTime = between(times, Math.max(since, now - punctualMs), { now, most: Infinity });
  if (onTime.length > 0 || schedule.catchUp === 'skip') return { ticks: onTime, nextRunAt };
  const latest = times.latest(now);
  return { ticks: latest !== undefined && latest >= since ? [latest] : [], nextRunAt };
}

/** Both ends included. One after the other: most schedules have but one tick that is due. */
function between(
  times: CronTimes,
  since: number,
  { now, most }: { readonly now: number; readonly most: number },
): number[] {
  const ticks: number[] = [];
  let [tick] = times.next(since - 1);
  while (tick !== undefined && tick <= now && ticks.length < most) {
    ticks.push(tick);
    [tick] = times.next(tick);
  }
  return ticks;
}

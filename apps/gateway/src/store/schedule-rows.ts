import type { ScheduleRecord } from './schedule-book.js';
import type { ScheduleRow } from './tables.js';

export function rowOfSchedule(schedule: ScheduleRecord): ScheduleRow {
  const { id, name, cron, timezone, type, payload, options, catchUp, paused } = schedule;
  return {
    id,
    name,
    cron,
    timezone,
    type,
    payload: JSON.stringify(payload),
    options: JSON.stringify(options),
    catch_up: catchUp,
    paused: paused ? 1 : 0,
    created_at: schedule.createdAt,
    updated_at: schedule.updatedAt,
    next_run_at: msOf(schedule.nextRunAt),
    last_run_at: msOf(schedule.lastRunAt),
    last_job_id: schedule.lastJobId ?? null,
  };
}

export function scheduleOf(row: ScheduleRow): ScheduleRecord {
  const { id, name, cron, timezone, type } = row;
  return {
    id,
    name,
    cron,
    timezone,
    type,
    payload: JSON.parse(row.payload) as object,
    options: JSON.parse(row.options) as object,
    catchUp: row.catch_up,
    paused: row.paused === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.next_run_at === null ? {} : { nextRunAt: isoOf(row.next_run_at) }),
    ...(row.last_run_at === null ? {} : { lastRunAt: isoOf(row.last_run_at) }),
    ...(row.last_job_id === null ? {} : { lastJobId: row.last_job_id }),
  };
}

function msOf(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

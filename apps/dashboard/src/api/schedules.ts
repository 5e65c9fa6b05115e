import type { Job } from './model.js';
import { readJson, request, sendJson } from './request.js';

export const catchUps = ['one', 'all', 'skip'] as const;
export type CatchUp = (typeof catchUps)[number];

export const priorities = ['high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** How its jobs are run; what is not given is as for any job of the type. */
export interface ScheduleOptions {
  readonly priority?: Priority | null;
  readonly maxAttempts?: number | null;
  /** Of one attempt. */
  readonly timeoutSeconds?: number | null;
}

/** What a schedule is made of, and can be changed in. */
export interface ScheduleFields {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly type: string;
  readonly payload: unknown;
  readonly options: ScheduleOptions;
  readonly catchUp: CatchUp;
}

/** A schedule, as `GET /v1/schedules` gives it. Times are ISO 8601. */
export interface Schedule extends ScheduleFields {
  readonly id: string;
  readonly paused: boolean;
  /** None while it is paused. */
  readonly nextRuns: readonly string[];
  readonly lastRunAt?: string;
  readonly lastJobId?: string;
}

/** A schedule as lists show it. */
export type ScheduleLine = Omit<Schedule, 'payload'>;

/** A hundred, by name. */
export interface SchedulePage {
  readonly items: readonly ScheduleLine[];
  readonly nextCursor?: string;
}

/** The page after the one that gave `cursor`. */
export function listSchedules(cursor: string, signal: AbortSignal): Promise<SchedulePage> {
  return readJson(`/v1/schedules?${new URLSearchParams({ limit: '100', cursor })}`, signal);
}

export function getSchedule(id: string, signal: AbortSignal): Promise<Schedule> {
  return readJson(pathOf(id), signal);
}

/** The next five runs. */
export async function previewRuns(
  cron: string,
  timezone: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const query = new URLSearchParams({ cron, timezone });
  const path = `/v1/schedules/preview?${query}`;
  return (await readJson<{ readonly nextRuns: readonly string[] }>(path, signal)).nextRuns;
}

export function createSchedule(fields: ScheduleFields): Promise<Schedule> {
  return sendJson('POST', '/v1/schedules', fields);
}

/** It then runs from now on. */
export function changeSchedule(id: string, fields: ScheduleFields): Promise<Schedule> {
  return sendJson('PATCH', pathOf(id), fields);
}

export function pauseSchedule(id: string): Promise<Schedule> {
  return sendJson('POST', `${pathOf(id)}/pause`);
}

export function resumeSchedule(id: string): Promise<Schedule> {
  return sendJson('POST', `${pathOf(id)}/resume`);
}

/** One more job; its ticks go on as before. */
export function runSchedule(id: string): Promise<Job> {
  return sendJson('POST', `${pathOf(id)}/run`);
}

/** The jobs that it made stay. */
export async function deleteSchedule(id: string): Promise<void> {
  await request(pathOf(id), { method: 'DELETE' });
}

function pathOf(id: string): string {
  return `/v1/schedules/${encodeURIComponent(id)}`;
}

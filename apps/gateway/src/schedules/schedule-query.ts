import type { FieldError } from '@heavylift/core';
import { notValid } from '../jobs/jobs.service.js';
import { Problem } from '../problems/problem.js';
import { problemOfCron, problemOfTimezone } from './cron-times.js';

const defaultLimit = 20;
const largestLimit = 100;

/** What `GET /v1/schedules` asks for. */
export interface ScheduleQuery {
  readonly limit: number;
  readonly afterName?: string;
}

/** @throws {Problem} 400 naming each wrong parameter */
export function parseScheduleQuery(query: Readonly<Record<string, unknown>>): ScheduleQuery {
  const { cursor, limit = String(defaultLimit), ...rest } = query;
  const errors = unknownFields(rest, 'cursor, limit');
  const size = typeof limit === 'string' && /^\d+$/.test(limit) ? Number(limit) : NaN;
  if (!(size >= 1 && size <= largestLimit))
    errors.push({ path: 'limit', message: `must be a whole number from 1 to ${largestLimit}` });
  const afterName = cursor === undefined ? undefined : nameOf(cursor);
  if (cursor !== undefined && afterName === undefined)
    errors.push({ path: 'cursor', message: 'must be the nextCursor of an earlier answer' });
  if (errors.length > 0) throw new Problem(400, 'query.invalid', 'the query is not valid', { errors });
  return { limit: size, ...(afterName === undefined ? {} : { afterName }) };
}

/** The page after the schedule of this name. */
export function cursorOf(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function nameOf(cursor: unknown): string | undefined {
  if (typeof cursor !== 'string' || !/^[\w-]{1,600}$/.test(cursor)) return undefined;
  const name = Buffer.from(cursor, 'base64url').toString();
  return /^\P{Cc}+$/u.test(name) ? name : undefined;
}

/** @throws {Problem} 422 naming each wrong parameter */
export function parsePreviewQuery(query: Readonly<Record<string, unknown>>): {
  readonly cron: string;
  readonly timezone: string;
} {
  const { cron, timezone = 'UTC', ...rest } = query;
  const errors = unknownFields(rest, 'cron, timezone');
  const wrongCron = isText(cron) ? problemOfCron(cron) : 'must be one cron expression';
  const wrongZone = isText(timezone) ? problemOfTimezone(timezone) : 'must be one time zone';
  if (wrongCron) errors.push({ path: 'cron', message: wrongCron });
  if (wrongZone) errors.push({ path: 'timezone', message: wrongZone });
  if (errors.length > 0) throw notValid('schedule.invalid', errors);
  return { cron: cron as string, timezone: timezone as string };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200;
}

function unknownFields(rest: Readonly<Record<string, unknown>>, known: string): FieldError[] {
  return Object.keys(rest).map((path) => ({ path, message: `is not known; known are ${known}` }));
}

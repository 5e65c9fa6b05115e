import { type JobStatus, jobStatuses } from '@heavylift/core';
import type { FieldError } from '@heavylift/core';
import { Problem } from '../problems/problem.js';
import type { JobSelection } from '../store/index.js';

const defaultLimit = 20;
const largestLimit = 100;
const selectable = ['status', 'type', 'cause', 'scheduleId', 'id'];

/** What `GET /v1/jobs` asks for. */
export interface JobQuery extends JobSelection {
  /** Only jobs older than this one. */
  readonly before?: string;
  readonly limit: number;
}

/** @throws {Problem} 400 naming each wrong parameter */
export function parseJobQuery(query: Readonly<Record<string, unknown>>): JobQuery {
  const { cursor, limit, ...rest } = query;
  const { selection, errors } = parseSelection(rest, [...selectable, 'cursor', 'limit']);
  if (cursor !== undefined && !(typeof cursor === 'string' && /^[0-9a-f-]{36}$/.test(cursor)))
    errors.push({ path: 'cursor', message: 'must be the nextCursor of an earlier answer' });
  const size = limit === undefined ? defaultLimit : wholeNumber(limit);
  if (!(size >= 1 && size <= largestLimit))
    errors.push({ path: 'limit', message: `must be a whole number from 1 to ${largestLimit}` });
  if (errors.length > 0) throw new Problem(400, 'query.invalid', 'the query is not valid', { errors });
  return { ...selection, limit: size, ...(cursor ? { before: cursor as string } : {}) };
}

/** Which jobs are meant by the fields of a query or a body, and what is wrong with each of them. `known` is named where one is not. */
export function parseSelection(
  fields: Readonly<Record<string, unknown>>,
  known: readonly string[] = selectable,
): { readonly selection: JobSelection; readonly errors: FieldError[] } {
  const { status, type, cause, scheduleId, id } = fields;
  const errors = Object.keys(fields)
    .filter((name) => !selectable.includes(name))
    .map((path) => ({ path, message: `is not known; known are ${known.join(', ')}` }));
  const refuse = (path: string, message: string): void => void errors.push({ path, message });
  if (status !== undefined && !jobStatuses.includes(status as JobStatus))
    refuse('status', `must be one of ${jobStatuses.join(', ')}`);
  if (!isLike(type, /^[a-z][a-z0-9.]{0,99}$/)) refuse('type', 'must be one job type, like video.transcode');
  if (!isLike(cause, /^[0-9a-f]{16}$/)) refuse('cause', 'must be the cause of a group of dead letters');
  if (!isLike(scheduleId, /^[0-9a-f-]{36}$/)) refuse('scheduleId', 'must be the id of a schedule');
  if (!isBeginningOfId(id))
    refuse('id', 'must be the id of a job, or its beginning of 8 characters or more, like 0190a1b2');
  const selection = {
    ...(status ? { status: status as JobStatus } : {}),
    ...(type ? { type: type as string } : {}),
    ...(cause ? { cause: cause as string } : {}),
    ...(scheduleId ? { scheduleId: scheduleId as string } : {}),
    ...(id ? { idPrefix: (id as string).toLowerCase() } : {}),
  };
  return { selection, errors };
}

function isLike(value: unknown, pattern: RegExp): boolean {
  return value === undefined || (typeof value === 'string' && pattern.test(value));
}

/** The whole of it, or so much that it means a few seconds. */
function isBeginningOfId(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== 'string' || value.length < 8 || value.length > 36) return false;
  const rest = '00000000-0000-0000-0000-000000000000'.slice(value.length);
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value + rest);
}

function wholeNumber(text: unknown): number {
  return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : NaN;
}

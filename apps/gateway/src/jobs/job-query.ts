import { type JobStatus, jobStatuses } from '@heavylift/core';
import { Problem } from '../problems/problem.js';

const defaultLimit = 20;
const largestLimit = 100;
const known = ['status', 'type', 'cause', 'cursor', 'limit'];

/** What `GET /v1/jobs` asks for. */
export interface JobQuery {
  readonly status?: JobStatus;
  readonly type?: string;
  /** Only dead letters of this cause. */
  readonly cause?: string;
  /** Only jobs older than this one. */
  readonly before?: string;
  readonly limit: number;
}

/** @throws {Problem} 400 naming each wrong parameter */
export function parseJobQuery(query: Readonly<Record<string, unknown>>): JobQuery {
  const { status, type, cause, cursor, limit } = query;
  const errors = Object.keys(query)
    .filter((name) => !known.includes(name))
    .map((path) => ({ path, message: `is not known; known are ${known.join(', ')}` }));
  if (status !== undefined && !jobStatuses.includes(status as JobStatus))
    errors.push({ path: 'status', message: `must be one of ${jobStatuses.join(', ')}` });
  if (type !== undefined && !(typeof type === 'string' && /^[a-z][a-z0-9.]{0,99}$/.test(type)))
    errors.push({ path: 'type', message: 'must be one job type, like video.transcode' });
  if (cause !== undefined && !(typeof cause === 'string' && /^[0-9a-f]{16}$/.test(cause)))
    errors.push({ path: 'cause', message: 'must be the cause of a group of dead letters' });
  if (cursor !== undefined && !(typeof cursor === 'string' && /^[0-9a-f-]{36}$/.test(cursor)))
    errors.push({ path: 'cursor', message: 'must be the nextCursor of an earlier answer' });
  const size = limit === undefined ? defaultLimit : wholeNumber(limit);
  if (!(size >= 1 && size <= largestLimit))
    errors.push({ path: 'limit', message: `must be a whole number from 1 to ${largestLimit}` });
  if (errors.length > 0) throw new Problem(400, 'query.invalid', 'the query is not valid', { errors });
  return {
    limit: size,
    ...(status ? { status: status as JobStatus } : {}),
    ...(type ? { type: type as string } : {}),
    ...(cause ? { cause: cause as string } : {}),
    ...(cursor ? { before: cursor as string } : {}),
  };
}

function wholeNumber(text: unknown): number {
  return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : NaN;
}

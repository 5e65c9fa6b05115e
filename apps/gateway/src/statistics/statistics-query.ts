import { Problem } from '../problems/problem.js';
import type { Span } from '../store/index.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const smallest = 15;
const largest = 30 * 24 * 60;

/** How long a span each kind of point serves: about a hundred points make a chart. */
const points = [
  { upToMs: 2 * hourMs, pointMs: minuteMs },
  { upToMs: 12 * hourMs, pointMs: 5 * minuteMs },
  { upToMs: 24 * hourMs, pointMs: 15 * minuteMs },
  { upToMs: 7 * 24 * hourMs, pointMs: hourMs },
  { upToMs: 30 * 24 * hourMs, pointMs: 6 * hourMs },
] as const;

/** What `GET /v1/statistics` asks for: the last `minutes`, of one job type or of all. */
export interface StatisticsQuery {
  readonly minutes: number;
  readonly type?: string;
}

/** @throws {Problem} 400 naming each wrong parameter */
export function parseStatisticsQuery(query: Readonly<Record<string, unknown>>): StatisticsQuery {
  const { minutes = '60', type, ...unknown } = query;
  const errors = Object.keys(unknown).map((path) => ({
    path,
    message: 'is not known; known are minutes, type',
  }));
  const length = typeof minutes === 'string' && /^\d{1,6}$/.test(minutes) ? Number(minutes) : NaN;
  if (!(length >= smallest && length <= largest))
    errors.push({ path: 'minutes', message: `must be a whole number from ${smallest} to ${largest}` });
  if (type !== undefined && !(typeof type === 'string' && /^[a-z][a-z0-9.]{0,99}$/.test(type)))
    errors.push({ path: 'type', message: 'must be one job type, like video.transcode' });
  if (errors.length > 0) throw new Problem(400, 'query.invalid', 'the query is not valid', { errors });
  return { minutes: length, ...(type === undefined ? {} : { type: type as string }) };
}

/** The span that ends with the point that `now` lies in. */
export function spanOf({ minutes, type }: StatisticsQuery, now: number): Span {
  const lengthMs = minutes * minuteMs;
  const { pointMs } = points.find(({ upToMs }) => lengthMs <= upToMs)!;
  const to = now - (now % pointMs) + pointMs;
  const from = to - Math.ceil(lengthMs / pointMs) * pointMs;
  return { from, to, pointMs, ...(type === undefined ? {} : { type }) };
}

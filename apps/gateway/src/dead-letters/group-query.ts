import { Problem } from '../problems/problem.js';

const most = 100;

/** What `GET /v1/dead-letters` asks for. @throws {Problem} 400 naming each wrong parameter */
export function parseGroupQuery(query: Readonly<Record<string, unknown>>): { type?: string; limit: number } {
  const { type, ...unknown } = query;
  const errors = Object.keys(unknown).map((path) => ({ path, message: 'is not known; known is type' }));
  if (type !== undefined && !(typeof type === 'string' && /^[a-z][a-z0-9.]{0,99}$/.test(type)))
    errors.push({ path: 'type', message: 'must be one job type, like video.transcode' });
  if (errors.length > 0) throw new Problem(400, 'query.invalid', 'the query is not valid', { errors });
  return { limit: most, ...(type === undefined ? {} : { type: type as string }) };
}

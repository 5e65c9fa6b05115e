import { check, type Class } from '@heavylift/core';
import { Problem } from './problems/problem.js';

/**
 * A body as an instance of its class.
 * @throws {Problem} 422 with every wrong field
 */
export function checkBody<T extends object>(type: Class<T>, body: unknown): T {
  const { value, errors } = check(type, body);
  if (errors.length === 0) return value;
  const [first] = errors;
  throw new Problem(422, 'body.invalid', `${first!.path || 'the body'} ${first!.message}`, { errors });
}

import { Problem } from './problems/problem.js';

const deepest = 32;
const mostFields = 1_000;
const mostItems = 10_000;
const mostValues = 500_000;

/**
 * Refuses data that would cost the checks behind it more than it is worth: they walk it by calling themselves, take time by the square of
 * the number of fields, and take a field that every object has, like `constructor`, for a known one.
 * @throws {Problem} 400
 */
export function checkBodyShape(body: unknown): void {
  let level = [body].filter(isNesting);
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= deepest) throw refused('body.too_deep', `is nested deeper than ${deepest} levels`);
    for (const value of level) values += checkWidth(value);
    if (values > mostValues) throw refused('body.too_wide', `has more than ${mostValues} values`);
    level = level.flatMap((value): unknown[] => Object.values(value)).filter(isNesting);
  }
}

function checkWidth(value: object): number {
  if (Array.isArray(value)) {
    if (value.length > mostItems)
      throw refused('body.too_wide', `has a list of more than ${mostItems} items`);
    return value.length;
  }
  const names = Object.keys(value);
  if (names.length > mostFields)
    throw refused('body.too_wide', `has an object of more than ${mostFields} fields`);
  const forbidden = names.find((name) => name in Object.prototype);
  if (forbidden) throw refused('body.forbidden_field', `has a field "${forbidden}", which cannot be taken`);
  return names.length;
}

function refused(code: string, reason: string): Problem {
  return new Problem(400, code, `the body ${reason}`);
}

/** Data of a JSON body; a file's stream is none. */
function isNesting(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

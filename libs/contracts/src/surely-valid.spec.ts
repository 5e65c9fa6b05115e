import { check, isSurelyValid, type JobDefinition } from '@heavylift/core';
import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { jobTypes } from './index.js';

const jobs = [...jobTypes.values()].map((job) => [job.name, job] as const);
const whole = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };

function isValid(job: JobDefinition, payload: unknown): boolean {
  return validateSync(plainToInstance(job.payload, payload as object), whole).length === 0;
}

/** Every place in a value, as the keys that lead there. */
function placesIn(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, part]) => placesIn(part, [...at, key]))];
}

/** The value with something else at a place, if it still has the place; undefined takes it away. */
function altered(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value);
  if (!parts.some(([name]) => name === key)) parts.push([key, undefined]);
  const changed = parts
    .map(([name, part]) => [name, name === key ? altered(part, rest, to) : part] as const)
    .filter(([, part]) => part !== undefined);
  return Array.isArray(value) ? changed.map(([, part]) => part) : Object.fromEntries(changed);
}

const words = fc.constantFrom(
  'png',
  'mp4',
  'inside',
  'a',
  'https://example.com/a.mov',
  'asset-0001',
  '',
  'A B',
);
const numbers = fc.oneof(fc.integer({ min: -2, max: 5_000 }), fc.double(), fc.constantFrom(0, 1, 0.5, 90));
const anything = fc.oneof(
  words,
  numbers,
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.jsonValue(),
);

/** The contract's own example, a few places of it made anew, and now and then a field more. */
function payloads(job: JobDefinition): fc.Arbitrary<unknown> {
  const places = placesIn(job.example).filter((at) => at.length > 0);
  const place = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...places) },
    { weight: 1, arbitrary: fc.constantFrom(['more'], ['constructor'], ['toString']) },
  );
  return fc
    .array(fc.tuple(place, anything), { maxLength: 3 })
    .map((changes) => changes.reduce((value, [at, to]) => altered(value, at, to), job.example as unknown));
}

describe.each(jobs)('what is surely valid of %s', (_, job) => {
  it('is just what class-validator finds nothing wrong with', () => {
    let valid = 0;
    fc.assert(
      fc.property(payloads(job), (payload) => {
        if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return;
        const expected = isValid(job, payload);
        valid += expected ? 1 : 0;
        expect(isSurelyValid(plainToInstance(job.payload, payload))).toBe(expected);
        const { value, errors } = check(job.payload, payload);
        expect(errors.length === 0).toBe(expected);
        expect(value).toStrictEqual(plainToInstance(job.payload, payload));
      }),
      { numRuns: 500 },
    );
    expect(valid).toBeGreaterThan(0);
    expect(valid).toBeLessThan(500);
  });
});

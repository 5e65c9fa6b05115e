import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { type EmptyDatabase, emptyPostgres } from './databases.fixtures.js';
import { type ElementType, pgArray } from './pg-arrays.js';

/** PostgreSQL keeps no NUL, and text of whole characters alone. */
const texts = fc.string({ unit: 'binary', maxLength: 300 }).map((text) => text.replaceAll('\0', ''));
const columns: readonly [ElementType, fc.Arbitrary<string | number>][] = [
  ['text', texts],
  ['int4', fc.integer()],
  ['int8', fc.maxSafeInteger()],
];

describe('an array for PostgreSQL', () => {
  let database: EmptyDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await emptyPostgres();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.remove();
  });

  it.each(columns)('of %s arrives as it was, whatever is in it', async (type, values) => {
    const arrives = async (sent: readonly (string | number | null)[]): Promise<void> => {
      const { rows } = await client.query(`select to_json($1::${type}[])::text as list`, [
        pgArray(type, sent),
      ]);
      expect(JSON.parse(rows[0].list)).toEqual(sent);
    };
    await arrives([]);
    await arrives([null]);
    await fc.assert(fc.asyncProperty(fc.array(fc.option(values)), arrives), { numRuns: 50 });
  });

  it.each([1.5, Number.NaN, 2 ** 60])('is not made of %d, which is no whole number', (value) => {
    expect(() => pgArray('int8', [value])).toThrow(/whole number/);
  });
});

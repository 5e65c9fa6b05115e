import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPostgres, type PostgresServer } from './postgres.ts';

describe('a PostgreSQL for tests', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('is killed with clients inside, refuses new ones, and starts again with its rows', async () => {
    await query(server.url, 'create table kept (note text)');
    await query(server.url, `insert into kept values ('survives')`);
    const inside = await open(server.url);
    const thrownOut = firstError(inside);
    await server.kill();
    await thrownOut;
    await expect(query(server.url, 'select 1')).rejects.toThrow();
    await server.start();
    expect(await query(server.url, 'select note from kept')).toEqual([{ note: 'survives' }]);
  });

  it('does not wait for its clients in a polite restart', async () => {
    const inside = await open(server.url);
    const told = firstError(inside);
    await server.restart();
    expect((await told).message).toContain('terminating connection');
    expect(await query(server.url, 'select note from kept')).toEqual([{ note: 'survives' }]);
  });
});

/** A lost client speaks more than once: a listener that left after the first error would let the second one through. */
function firstError(client: pg.Client): Promise<Error> {
  return new Promise((resolve) => client.on('error', resolve));
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = await open(url);
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedPostgresUrl } from '@heavylift/test-servers';
import pg from 'pg';

/** An empty database for one spec, by its `DATABASE_URL`. */
export interface EmptyDatabase {
  readonly url: string;
  remove(): Promise<void>;
}

/** Each kind of database that the store runs on. */
export const databases: Readonly<Record<'sqlite' | 'postgres', () => Promise<EmptyDatabase>>> = {
  sqlite: emptySqlite,
  postgres: emptyPostgres,
};

export async function emptySqlite(): Promise<EmptyDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'heavylift-store-'));
  return {
    url: `sqlite:${join(folder, 'new', 'jobs.db')}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function emptyPostgres(): Promise<EmptyDatabase> {
  const server = await sharedPostgresUrl();
  const name = `store_${randomUUID().replaceAll('-', '')}`;
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, remove: () => run(server, `drop database ${name} with (force)`) };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

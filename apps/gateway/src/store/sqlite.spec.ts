import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type EmptyDatabase, emptySqlite } from './databases.fixtures.js';
import { newJob } from './job-store.fixtures.js';
import { openJobStore } from './open-job-store.js';
import { SqlJobStore } from './sql-job-store.js';
import { openSqlite } from './sqlite/open-sqlite.js';
import { flags } from './sqlite/store-program.fixtures.js';

describe('the job store on a SQLite file', () => {
  let database: EmptyDatabase;
  let path: string;

  beforeEach(async () => {
    database = await emptySqlite();
    path = database.url.replace('sqlite:', '');
  });
  afterEach(() => database.remove());

  it('has every job that was accepted before its process was killed', async () => {
    const accepted = await acceptUntilKilled(database.url, 200);
    const store = await openJobStore(database.url);
    const stored = new Set((await store.list({ limit: 100_000 })).map(({ id }) => id));
    await store.close();
    expect(accepted.length).toBeGreaterThanOrEqual(200);
    expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
  });

  it('says that the disk is full, keeps what it has, and goes on when there is room', async () => {
    const file = openSqlite(path);
    await file.migrate();
    const store = new SqlJobStore(file, Date.now);
    const first = newJob();
    await store.accept([first]);
    await file.read((db) => sql`pragma max_page_count = 1`.execute(db));
    const big = newJob({ payload: 'x'.repeat(1_000_000) });
    await expect(store.accept([newJob(), big])).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      message: `the job store sqlite:${path} cannot be used now: database or disk is full`,
    });
    expect(await store.list({ limit: 10 })).toHaveLength(1);
    await file.read((db) => sql`pragma max_page_count = 1000000`.execute(db));
    await store.accept([big]);
    expect(await store.get(big.id)).toMatchObject({ payload: big.payload });
    await store.close();
  });

  it('waits for another process that writes, and says so when that takes too long', async () => {
    const [one, two] = [openSqlite(path), openSqlite(path)];
    await one.migrate();
    await two.read((db) => sql`pragma busy_timeout = 50`.execute(db));
    const store = new SqlJobStore(two, Date.now);
    await one.write(async () => {
      await expect(store.accept([newJob()])).rejects.toThrow(/cannot be used now: database is locked/);
    });
    await store.accept([newJob()]);
    await one.close();
    await two.close();
  });

  it('refuses a file that is no database, by name', async () => {
    await openJobStore(database.url).then((store) => store.close());
    await writeFile(path, 'this is no database at all, but long enough to look at it'.repeat(100));
    await expect(openJobStore(database.url)).rejects.toMatchObject({
      code: 'store.unavailable',
      message: expect.stringContaining(path),
    });
  });

  it('needs no file for :memory:', async () => {
    const store = await openJobStore('sqlite::memory:');
    const job = newJob();
    await store.accept([job]);
    expect(await store.get(job.id)).toMatchObject({ status: 'queued' });
    await store.close();
  });
});

describe('a database URL', () => {
  it.each(['mysql://user:secret@host/db', 'sqlite:', 'postgres:nothing', ''])(
    'that names no database is refused: %p',
    async (url) => {
      await expect(openJobStore(url)).rejects.toThrow(/must be like "sqlite:.\/jobs.db"/);
    },
  );
});

async function acceptUntilKilled(url: string, atLeast: number): Promise<string[]> {
  const script = fileURLToPath(new URL('./accept-until-killed.fixtures.ts', import.meta.url));
  const child = spawn(process.execPath, [...flags, script, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const exited = once(child, 'exit');
  const ids: string[] = [];
  for await (const id of createInterface({ input: child.stdout })) {
    ids.push(id);
    if (ids.length === atLeast) child.kill('SIGKILL');
  }
  await exited;
  return ids;
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { isFinal } from '@heavylift/core';
import { until } from '../gateway.fixtures.js';
import type { Database } from './database.js';
import { type EmptyDatabase, emptyPostgres } from './databases.fixtures.js';
import { event, newJob } from './job-store.fixtures.js';
import type { JobStore } from './job-store.js';
import { openJobStore } from './open-job-store.js';
import { openPostgres } from './postgres.js';

const failure = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: false };

describe('two gateways on one PostgreSQL', () => {
  let database: EmptyDatabase;
  let one: JobStore;
  let two: JobStore;

  beforeAll(async () => {
    database = await emptyPostgres();
    [one, two] = await Promise.all([openJobStore(database.url), openJobStore(database.url)]);
  });
  afterAll(async () => {
    await one.close();
    await two.close();
    await database.remove();
  });

  it('record each event once and agree on one end, whoever projects what', async () => {
    const jobs = Array.from({ length: 40 }, () => newJob());
    await one.accept(jobs);
    const events = jobs.flatMap((job) => [
      event(job, { kind: 'started' }),
      event(job, { kind: 'progressed', progress: { percent: 50 } }),
      event(job, { kind: 'succeeded', result: { by: 'first' }, assets: [] }),
      event(job, { kind: 'failed', error: failure, run: 'run-2' }),
      event(job, { kind: 'cancelled', run: 'run-3' }),
    ]);
    const batches = Array.from({ length: 12 }, (_, turn) =>
      rotate(turn % 2 ? events.toReversed() : events, turn * 17),
    );
    await Promise.all(
      batches.flatMap((batch, turn) => [
        (turn % 2 ? one : two).project(batch.slice(0, 100)),
        (turn % 2 ? two : one).project(batch.slice(60)),
      ]),
    );
    for (const { id } of jobs) {
      const [job, history] = [await one.get(id), await two.history(id)];
      expect(history.map(({ seq }) => seq)).toEqual(history.map((_, i) => i + 1));
      expect(new Set(history.map((each) => each.id)).size).toBe(history.length);
      const told = history.filter(({ kind }) => ['succeeded', 'failed', 'cancelled'].includes(kind));
      const ends = told.filter(({ late }) => !late);
      expect(ends).toHaveLength(1);
      expect(isFinal(job!.status)).toBe(true);
      expect(job).toMatchObject({ status: ends[0]!.kind, finishedAt: ends[0]!.at });
    }
  });

  it('record what happened to a job that another changed meanwhile, from where it then stands', async () => {
    const job = newJob();
    await one.accept([job], [], { keeper: 'old', leaseMs: 60_000 });
    const other = openPostgres(database.url);
    let projected: Promise<unknown> | undefined;
    await other.write(async (db) => {
      await sql`update jobs set adoptions = 1, keeper = null, lease_until = 0 where id = ${job.id}`.execute(
        db,
      );
      projected ??= one.project([event(job, { kind: 'started' })]);
      await untilSomeoneWaits(other);
    });
    expect(await projected).toMatchObject({ changed: [job.id] });
    expect((await one.history(job.id)).map(({ kind }) => kind)).toEqual(['queued', 'started']);
    // By the word of the old keeper's worker alone it would be taken for sent.
    expect((await two.takeUndispatched('new', 1_000, 0)).map((sent) => sent.job.id)).toContain(job.id);
    await two.markDispatched([job.id], 'new');
    await other.close();
  });

  it('never take the same job', async () => {
    const jobs = Array.from({ length: 500 }, () => newJob());
    await one.accept(jobs);
    const taken = await Promise.all(
      Array.from({ length: 16 }, (_, turn) => (turn % 2 ? one : two).takeUndispatched('k', 40, 60_000)),
    );
    const ids = taken.flat().map(({ job }) => job.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(500);
  });

  it('go on when their connections are cut', async () => {
    const job = newJob();
    await one.accept([job]);
    const admin = openPostgres(database.url);
    const cut = (): Promise<unknown> =>
      admin.read((db) =>
        sql`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()`.execute(db),
      );
    const work = Array.from({ length: 30 }, async () => {
      const mine = newJob();
      await one.accept([mine]);
      return mine.id;
    });
    await Promise.all([cut(), ...work]);
    await cut();
    expect(await one.get(job.id)).toMatchObject({ status: 'queued' });
    for (const id of await Promise.all(work)) expect(await two.history(id)).toHaveLength(1);
    await admin.close();
  });
});

describe('a PostgreSQL that cannot be reached', () => {
  it.each([
    ['is not there', 'postgres://me:secret@127.0.0.1:1/jobs', /ECONNREFUSED/],
    ['has no such host', 'postgres://me:secret@db.invalid/jobs', /ENOTFOUND|EAI_AGAIN/],
  ])('is named without its password when it %s', async (_, url, reason) => {
    const error = (await openJobStore(url).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({
      code: 'store.unavailable',
      message: expect.stringMatching(reason),
    });
    expect(error.message).toMatch(/the job store postgres:\/\/me@(127|db)/);
    expect(error.message).not.toContain('secret');
  });

  it('is named when it has no such database', async () => {
    const database = await emptyPostgres();
    await database.remove();
    await expect(openJobStore(database.url)).rejects.toThrow(/does not exist/);
  });
});

/** For a lock on a row. */
async function untilSomeoneWaits(database: Database): Promise<void> {
  const waiting = sql<{ n: number }>`select count(*) as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  const waits = async (): Promise<boolean> =>
    (await database.read((db) => waiting.execute(db))).rows[0]!.n > 0;
  await until('somebody waits for a lock', waits, 25_000);
}

function rotate<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

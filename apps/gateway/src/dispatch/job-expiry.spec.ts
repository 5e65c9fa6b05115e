import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { until } from '../gateway.fixtures.js';
import { databases, type EmptyDatabase } from '../store/databases.fixtures.js';
import { type JobStore, type NewJob, openJobStore } from '../store/index.js';
import { event, newJob } from '../store/job-store.fixtures.js';
import { JobExpiry } from './job-expiry.js';

const day = 86_400_000;

describe.each(Object.entries(databases))('the expiry of jobs on %s', (name, emptyDatabase) => {
  let database: EmptyDatabase;
  let stores: JobStore[];
  beforeEach(async () => {
    database = await emptyDatabase();
    const one = await openJobStore(database.url);
    stores = [one, name === 'sqlite' ? one : await openJobStore(database.url)];
  });
  afterEach(async () => {
    for (const store of new Set(stores)) await store.close();
    await database.remove();
  });

  async function endedJobs(count: number, daysAgo: number): Promise<NewJob[]> {
    const at = new Date(Date.now() - daysAgo * day);
    const jobs = Array.from({ length: count }, () =>
      newJob({ id: uuidv7({ msecs: at.getTime() }), createdAt: at.toISOString() }),
    );
    await stores[0]!.accept(jobs);
    await stores[0]!.project(
      jobs.map((job) => event(job, { kind: 'succeeded', result: {}, assets: [], at: at.toISOString() })),
    );
    return jobs;
  }
  const count = async (): Promise<number> => (await stores[0]!.counts()).succeeded;

  it('removes a backlog of many batches once, whoever takes part', async () => {
    await endedJobs(1_700, 31);
    await endedJobs(3, 29);
    const never = new AbortController().signal;
    const sweep = (store: JobStore) => new JobExpiry(store, { days: 30, pauseMs: 1 }).sweep(never);
    const removed = await Promise.all(stores.map(sweep));
    expect(removed[0]! + removed[1]!).toBe(1_700);
    expect(await count()).toBe(3);
  });

  it('lets others work between two batches, and ends at once when it is told to', async () => {
    await endedJobs(1_100, 31);
    const end = new AbortController();
    const sweep = new JobExpiry(stores[0]!, { days: 30, pauseMs: 600_000 }).sweep(end.signal);
    await until('the first batch is gone', async () => (await count()) < 1_100, 30_000);
    const accepted = newJob();
    await stores[0]!.accept([accepted]);
    expect(await stores[0]!.get(accepted.id)).toMatchObject({ status: 'queued' });
    end.abort();
    expect(await sweep).toBe(500);
    expect(await count()).toBe(600);
  });

  it('keeps all when it is set to 0', async () => {
    await endedJobs(1, 20_000);
    expect(await new JobExpiry(stores[0]!, { days: 0 }).sweep(new AbortController().signal)).toBe(0);
    expect(await count()).toBe(1);
  });
});

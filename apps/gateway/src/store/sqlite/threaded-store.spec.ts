import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { emptySqlite, type EmptyDatabase } from '../databases.fixtures.js';
import { KeyTakenError } from '../idempotency-keys.js';
import { newJob } from '../job-store.fixtures.js';
import type { JobStore } from '../job-store.js';
import { openJobStore } from '../open-job-store.js';
import { newSchedule } from '../schedule-book.fixtures.js';
import { ScheduleNameTakenError } from '../schedule-book.js';
import { StoreUnavailableError } from '../store-unavailable-error.js';

describe('a store in a thread of its own', () => {
  let database: EmptyDatabase;
  let store: JobStore;

  beforeAll(async () => {
    database = await emptySqlite();
    store = await openJobStore(database.url);
  });
  afterAll(async () => {
    await store.close();
    await database.remove();
  });

  it('asks back what a schedule makes, amid its transaction', async () => {
    const due = newSchedule({ nextRunAt: new Date(Date.now() - 1_000).toISOString() });
    await store.addSchedule(due);
    const job = newJob({ scheduleId: due.id });
    const ticking = { jobTypes: [due.type], mostSchedules: 10, mostJobs: 10 };
    const ticked = await store.tick(ticking, (schedule) => ({
      jobs: schedule.id === due.id ? [job] : [],
      nextRunAt: undefined,
    }));
    expect(ticked).toEqual({ schedules: 1, jobs: 1 });
    expect(await store.get(job.id)).toMatchObject({ status: 'queued', scheduleId: due.id });
  });

  it('changes nothing when what it asks back throws, and throws the same', async () => {
    const schedule = newSchedule();
    await store.addSchedule(schedule);
    const failing = store.editSchedule(schedule.id, () => {
      throw new ScheduleNameTakenError('noon');
    });
    await expect(failing).rejects.toMatchObject({ name: 'ScheduleNameTakenError', taken: 'noon' });
    await expect(failing).rejects.toBeInstanceOf(ScheduleNameTakenError);
    expect(await store.getSchedule(schedule.id)).toEqual(schedule);
  });

  it('lets other calls wait while it asks back, and answers them then', async () => {
    const schedule = newSchedule();
    await store.addSchedule(schedule);
    let reading: Promise<unknown> | undefined;
    const edited = store.editSchedule(schedule.id, (current) => {
      reading = store.getSchedule(schedule.id);
      return { ...current, cron: '5 5 * * *' };
    });
    expect(await edited).toMatchObject({ cron: '5 5 * * *' });
    expect(await reading).toMatchObject({ cron: '5 5 * * *' });
  });

  it('throws errors of the class that they are of', async () => {
    const key = { key: 'one', fingerprint: 'a', jobIds: ['x'] };
    await store.accept([newJob()], [key]);
    const again = store.accept([newJob()], [{ ...key, jobIds: ['y'] }]);
    await expect(again).rejects.toBeInstanceOf(KeyTakenError);
    await expect(again).rejects.toMatchObject({ name: 'KeyTakenError', taken: key });
  });

  it('answers with what is not JSON as it is', async () => {
    expect(await store.get('no-job')).toBeUndefined();
    const found = await store.findAssets(['no-asset']);
    expect([...found]).toEqual([]);
  });

  it('says which argument cannot be sent to it, and goes on', async () => {
    const payload = { broken: Symbol('no value') };
    await expect(store.accept([newJob({ payload })])).rejects.toThrow(/could not be cloned/);
    await expect(store.check()).resolves.toBeUndefined();
  });

  it('has parts and a name', async () => {
    expect(store.name).toBe(database.url);
    expect(await store.control.queueSettings()).toEqual([]);
  });
});

describe('a store in a thread that is closed', () => {
  it('has done what it was asked before, and refuses the rest', async () => {
    const database = await emptySqlite();
    const store = await openJobStore(database.url);
    const job = newJob();
    await Promise.all([store.accept([job]), store.close()]);
    await store.close();
    await expect(store.get(job.id)).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(store.get(job.id)).rejects.toThrow(/cannot be used now: it is closed/);
    const next = await openJobStore(database.url);
    expect(await next.get(job.id)).toMatchObject({ status: 'queued' });
    await next.close();
    await database.remove();
  });
});

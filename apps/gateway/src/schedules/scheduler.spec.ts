import { setTimeout as pause } from 'node:timers/promises';
import { jobTypes } from '@heavylift/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import { Lines } from '../dispatch/recorder.fixtures.js';
import type { JobRecord, JobStore, ScheduleRecord } from '../store/index.js';
import { openJobStore, StoreUnavailableError } from '../store/index.js';
import { newSchedule } from '../store/schedule-book.fixtures.js';
import { Scheduler } from './scheduler.js';

const patience = { timeoutMs: 30_000, everyMs: 10 };

describe('the scheduler', () => {
  let store: JobStore;
  let lines: Lines;
  let schedulers: Scheduler[];
  let ahead: number;
  let rings: number;

  beforeEach(async () => {
    ahead = 0;
    rings = 0;
    store = await openJobStore('sqlite::memory:', () => Date.now() + ahead);
    lines = new Lines();
    schedulers = [];
  });
  afterEach(async () => {
    await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
    await store.close();
  });

  function start(book: Pick<JobStore, 'untilNextTick' | 'tick'> = store): Scheduler {
    const made = new Scheduler({ store: book, jobTypes, onJobs: () => rings++, logger: lines });
    schedulers.push(made);
    made.start();
    return made;
  }

  async function added(overrides: Partial<ScheduleRecord>): Promise<ScheduleRecord> {
    const schedule = newSchedule(overrides);
    await store.addSchedule(schedule);
    return schedule;
  }

  const jobsOf = async ({ id }: ScheduleRecord): Promise<JobRecord[]> =>
    (await store.list({ limit: 10_000 })).filter((job) => job.scheduleId === id).reverse();
  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
  /** The clock is read once: between two looks it may move on. */
  const onTheSecond = (ms: number): string => {
    const moment = Date.now() + ms;
    return new Date(moment - (moment % 1_000)).toISOString();
  };

  it('makes a job as the schedule says, and rings for it', async () => {
    const schedule = await added({ options: { priority: 'high', maxAttempts: 7, timeoutSeconds: 90 } });
    start();
    await waitUntil('a job', async () => (await jobsOf(schedule)).length > 0, patience);
    const [job] = await jobsOf(schedule);
    expect(job).toMatchObject({
      type: schedule.type,
      payload: schedule.payload,
      version: jobTypes.get(schedule.type)!.version,
      priority: 'high',
      maxAttempts: 7,
      timeoutMs: 90_000,
      status: 'queued',
    });
    expect(rings).toBeGreaterThan(0);
  });

  it('makes one job a second of a schedule that says so, none too early', async () => {
    const schedule = await added({ nextRunAt: onTheSecond(1_000) });
    start();
    await waitUntil('three jobs', async () => (await jobsOf(schedule)).length >= 3, patience);
    const jobs = await jobsOf(schedule);
    const ticks = jobs.map(({ scheduledFor }) => Date.parse(scheduledFor!));
    expect(ticks).toEqual(ticks.map((_, i) => Date.parse(schedule.nextRunAt!) + i * 1_000));
    for (const [i, { createdAt }] of jobs.entries())
      expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(ticks[i]!);
  });

  it('works off a thousand missed ticks, each once, oldest first', async () => {
    const nextRunAt = onTheSecond(-1_000_000);
    const schedule = await added({ nextRunAt });
    start();
    await waitUntil('all', async () => (await jobsOf(schedule)).length >= 1_000, patience);
    const ticks = (await jobsOf(schedule)).map(({ scheduledFor }) => Date.parse(scheduledFor!));
    expect(ticks).toEqual(ticks.map((_, i) => Date.parse(nextRunAt) + i * 1_000));
  });

  it('does not let one schedule that is far behind hold up another', async () => {
    const behind = await added({ nextRunAt: inMs(-86_400_000) });
    const onTime = await added({ catchUp: 'one' });
    start();
    await waitUntil('its job', async () => (await jobsOf(onTime)).length > 0, patience);
    expect((await jobsOf(behind)).length).toBeLessThan(86_400);
  });

  it('ticks nothing again when the clock was set back', async () => {
    const schedule = await added({ nextRunAt: onTheSecond(-60_000) });
    start();
    await waitUntil('the first jobs', async () => (await jobsOf(schedule)).length >= 60, patience);
    ahead = -3_600_000;
    const before = (await jobsOf(schedule)).length;
    await waitUntil(
      'a look',
      async () => (await store.untilNextTick([schedule.type]))! > 3_500_000,
      patience,
    );
    ahead = 0;
    await waitUntil('more jobs', async () => (await jobsOf(schedule)).length > before + 1, patience);
    const ticks = (await jobsOf(schedule)).map(({ scheduledFor }) => scheduledFor);
    expect(new Set(ticks).size).toBe(ticks.length);
  });

  it('waits for a store that is away, says so sparingly, and goes on when it is back', async () => {
    let away = true;
    let asked = 0;
    const schedule = await added({});
    start({
      untilNextTick: async (types) => {
        asked++;
        if (away) throw new StoreUnavailableError('store', { cause: new Error('gone') });
        return store.untilNextTick(types);
      },
      tick: (ticking, plan) => store.tick(ticking, plan),
    });
    await waitUntil('it asked twice', async () => asked >= 2, patience);
    expect(lines.at('warn')).toEqual(['schedules wait: the store cannot be used']);
    away = false;
    await waitUntil('a job', async () => (await jobsOf(schedule)).length > 0, patience);
  });

  it('passes over a schedule that cannot be read, and names it', async () => {
    const broken = await added({ timezone: 'Mars/Olympus' });
    const good = await added({});
    start();
    await waitUntil('the job of the other', async () => (await jobsOf(good)).length > 0, patience);
    expect(await jobsOf(broken)).toEqual([]);
    expect(lines.at('error')).toEqual(['a schedule cannot be run; it is tried again in a minute']);
  });

  it('makes nothing more once it is stopped', async () => {
    const schedule = await added({ nextRunAt: inMs(-86_400_000) });
    const scheduler = start();
    await waitUntil('a job', async () => (await jobsOf(schedule)).length > 0, patience);
    await scheduler.stop();
    const stopped = await store.getSchedule(schedule.id);
    expect(Date.parse(stopped!.nextRunAt!)).toBeLessThan(Date.now());
    await pause(300);
    expect(await store.getSchedule(schedule.id)).toEqual(stopped);
  });
});

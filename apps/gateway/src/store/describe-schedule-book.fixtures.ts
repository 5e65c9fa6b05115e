import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmptyDatabase } from './databases.fixtures.js';
import { newJob } from './job-store.fixtures.js';
import type { JobStore, NewJob } from './job-store.js';
import { openJobStore } from './open-job-store.js';
import { newSchedule } from './schedule-book.fixtures.js';
import type { PlanTicks, ScheduleRecord } from './schedule-book.js';

const hour = 3_600_000;
const ticking = { jobTypes: ['video.transcode'], mostSchedules: 1_000, mostJobs: 1_000 };

/** The promises of the store's schedules, tried on one kind of database. */
export function describeScheduleBook(name: string, emptyDatabase: () => Promise<EmptyDatabase>): void {
  describe(`the schedules on ${name}`, () => {
    let database: EmptyDatabase;
    let store: JobStore;
    let ahead = 0;
    const now = (): number => Date.now() + ahead;

    beforeAll(async () => {
      database = await emptyDatabase();
      store = await openJobStore(database.url, now);
    });
    afterAll(async () => {
      await store.close();
      await database.remove();
    });

    async function added(overrides: Partial<ScheduleRecord> = {}): Promise<ScheduleRecord> {
      const schedule = newSchedule(overrides);
      await store.addSchedule(schedule);
      return schedule;
    }

    /** One job for the tick that is due; the next tick in an hour. */
    const once: PlanTicks = (schedule, at) => ({
      jobs: [tickJob(schedule, schedule.nextRunAt!)],
      nextRunAt: new Date(at + hour).toISOString(),
    });

    it('keeps a schedule as it came, and finds it by its id', async () => {
      const schedule = await added({
        name: 'näme 🚀 ; drop',
        payload: { text: 'ö \u0000', deep: [1, { a: null }] },
        options: { priority: 'high' },
        lastRunAt: '2026-01-02T03:04:05.678Z',
        lastJobId: 'job-1',
      });
      expect(await store.getSchedule(schedule.id)).toEqual(schedule);
      expect(await store.getSchedule('nothing')).toBeUndefined();
      expect(await store.getSchedule('a\0b')).toBeUndefined();
      await store.addSchedule(schedule);
      await store.removeSchedule(schedule.id);
    });

    it('refuses a second schedule of one name, also by renaming', async () => {
      const [one, two] = [await added(), await added()];
      const refusal = { name: 'ScheduleNameTakenError', taken: one.name };
      await expect(store.addSchedule(newSchedule({ name: one.name }))).rejects.toMatchObject(refusal);
      const rename = (current: ScheduleRecord): ScheduleRecord => ({ ...current, name: one.name });
      await expect(store.editSchedule(two.id, rename)).rejects.toMatchObject(refusal);
      expect(await store.getSchedule(two.id)).toEqual(two);
    });

    it('lists by name, page by page', async () => {
      const names = ['zz-a', 'zz-b', 'zz-c', 'zz-d'];
      for (const each of names.toReversed()) await added({ name: each });
      const first = await store.listSchedules(2, 'zz');
      const rest = await store.listSchedules(9, first.at(-1)!.name);
      expect([...first, ...rest].map((schedule) => schedule.name)).toEqual(names);
    });

    it('changes a schedule to what it is edited to, or leaves it', async () => {
      const schedule = await added();
      const cron = '0 3 * * *';
      const edited = await store.editSchedule(schedule.id, ({ nextRunAt: _, ...current }) => ({
        ...current,
        cron,
        paused: true,
      }));
      const { nextRunAt: _, ...rest } = schedule;
      expect(edited).toEqual({ ...rest, cron, paused: true });
      expect(await store.editSchedule(schedule.id, () => undefined)).toEqual(edited);
      expect(await store.getSchedule(schedule.id)).toEqual(edited);
      expect(await store.editSchedule('nothing', (current) => current)).toBeUndefined();
    });

    it('loses no edit when many come at once', async () => {
      const { id } = await added({ payload: { count: 0 } });
      const countOne = (current: ScheduleRecord): ScheduleRecord => {
        const { count } = current.payload as { count: number };
        return { ...current, payload: { count: count + 1 } };
      };
      await Promise.all(Array.from({ length: 12 }, () => store.editSchedule(id, countOne)));
      expect(await store.getSchedule(id)).toMatchObject({ payload: { count: 12 } });
    });

    it('removes a schedule once, and leaves its jobs', async () => {
      const { id } = await added();
      const job = newJob({ scheduleId: id });
      await store.accept([job]);
      expect(await store.removeSchedule(id)).toBe(true);
      expect(await store.removeSchedule(id)).toBe(false);
      expect(await store.getSchedule(id)).toBeUndefined();
      expect(await store.get(job.id)).toMatchObject({ scheduleId: id });
    });

    it('makes the job of a tick, queued, with where it came from', async () => {
      const schedule = await added();
      const ticked = await store.tick(ticking, once);
      expect(ticked.schedules).toBeGreaterThanOrEqual(1);
      const after = (await store.getSchedule(schedule.id))!;
      expect(Date.parse(after.nextRunAt!)).toBeGreaterThan(now() + hour - 60_000);
      expect(Math.abs(Date.parse(after.lastRunAt!) - now())).toBeLessThan(60_000);
      const job = (await store.get(after.lastJobId!))!;
      expect(job).toMatchObject({
        status: 'queued',
        scheduleId: schedule.id,
        scheduledFor: schedule.nextRunAt,
      });
      expect(await store.history(job.id)).toMatchObject([{ kind: 'queued', seq: 1 }]);
      expect(await store.tick(ticking, once)).toEqual({ schedules: 0, jobs: 0 });
    });

    it('passes over what is paused, not due, or of a type that this gateway does not know', async () => {
      const { nextRunAt: _, ...paused } = newSchedule({ paused: true });
      await store.addSchedule(paused);
      await added({ nextRunAt: new Date(now() + hour / 2).toISOString() });
      const foreign = await added({ type: 'audio.mix' });
      expect(await store.tick(ticking, once)).toEqual({ schedules: 0, jobs: 0 });
      const both = { ...ticking, jobTypes: ['video.transcode', 'audio.mix'] };
      expect(await store.tick(both, once)).toEqual({ schedules: 1, jobs: 1 });
      expect(await store.getSchedule(foreign.id)).toHaveProperty('lastJobId');
    });

    it('says how long until the next tick', async () => {
      const own = await emptyDatabase();
      const other = await openJobStore(own.url, now);
      expect(await other.untilNextTick(['video.transcode'])).toBeUndefined();
      await other.addSchedule(newSchedule({ nextRunAt: new Date(now() + hour).toISOString() }));
      expect(await other.untilNextTick(['video.transcode'])).toBeGreaterThan(hour - 60_000);
      expect(await other.untilNextTick(['audio.mix'])).toBeUndefined();
      ahead += 2 * hour;
      expect(await other.untilNextTick(['video.transcode'])).toBeLessThan(0);
      await other.close();
      await own.remove();
      await store.tick(ticking, once);
    });

    it('makes no job and moves no tick when one of the jobs cannot be stored', async () => {
      const [one, two] = [await added(), await added()];
      const good = newJob();
      const plan: PlanTicks = ({ id }) => ({
        jobs: [id === one.id ? good : newJob({ version: null as unknown as number })],
        nextRunAt: undefined,
      });
      await expect(store.tick(ticking, plan)).rejects.toThrow(/null/i);
      expect(await store.get(good.id)).toBeUndefined();
      expect(await store.getSchedule(one.id)).toEqual(one);
      expect(await store.getSchedule(two.id)).toEqual(two);
      expect(await store.tick(ticking, once)).toEqual({ schedules: 2, jobs: 2 });
    });

    it('takes each tick once when many tick at once', async () => {
      const schedules: string[] = [];
      for (let i = 0; i < 30; i++) schedules.push((await added()).id);
      const taken: string[] = [];
      // Ten ticks each, one a transaction.
      const left = new Map(schedules.map((id) => [id, 10]));
      const plan: PlanTicks = (schedule) => ({
        jobs: [tickJob(schedule, schedule.nextRunAt!)],
        nextRunAt: new Date(Date.parse(schedule.nextRunAt!) - 1_000).toISOString(),
      });
      const gateway = async (): Promise<void> => {
        while ([...left.values()].some((count) => count > 0)) {
          await store.tick({ ...ticking, mostSchedules: 7 }, (schedule, at, most) => {
            const count = left.get(schedule.id)! - 1;
            left.set(schedule.id, count);
            taken.push(`${schedule.id} ${schedule.nextRunAt}`);
            const planned = plan(schedule, at, most);
            return count > 0 ? planned : { ...planned, nextRunAt: undefined };
          });
        }
      };
      await Promise.all([gateway(), gateway(), gateway()]);
      expect(new Set(taken).size).toBe(300);
      const jobs = (await store.list({ limit: 100_000 })).filter((job) =>
        schedules.includes(job.scheduleId!),
      );
      expect(new Set(jobs.map((job) => `${job.scheduleId} ${job.scheduledFor}`)).size).toBe(300);
      expect(jobs).toHaveLength(300);
    });

    it('shares the jobs of one transaction among the schedules that are due', async () => {
      for (let i = 0; i < 3; i++) await added();
      const shares: number[] = [];
      await store.tick({ ...ticking, mostJobs: 10 }, (schedule, at, most) => {
        shares.push(most);
        return once(schedule, at, most);
      });
      expect(shares).toEqual([3, 3, 3]);
    });

    it('notes a run that a person asked for', async () => {
      const schedule = await added({ nextRunAt: new Date(now() + hour).toISOString() });
      await store.noteRun(schedule.id, 'job-9');
      const after = (await store.getSchedule(schedule.id))!;
      expect(after).toMatchObject({ lastJobId: 'job-9', nextRunAt: schedule.nextRunAt });
      expect(Math.abs(Date.parse(after.lastRunAt!) - now())).toBeLessThan(60_000);
    });
  });
}

function tickJob(schedule: ScheduleRecord, scheduledFor: string): NewJob {
  return newJob({ scheduleId: schedule.id, scheduledFor });
}

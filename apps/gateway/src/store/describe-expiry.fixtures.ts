import type { AssetFacts } from '@heavylift/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { EmptyDatabase } from './databases.fixtures.js';
import { asset, event, newJob } from './job-store.fixtures.js';
import type { JobStore, NewJob } from './job-store.js';
import { openJobStore } from './open-job-store.js';
import { newSchedule } from './schedule-book.fixtures.js';

const day = 86_400_000;
const failure = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };

/** The promises of the store about jobs that expire, tried on one kind of database. */
export function describeExpiry(name: string, emptyDatabase: () => Promise<EmptyDatabase>): void {
  describe(`expiry on ${name}`, () => {
    let database: EmptyDatabase;
    let store: JobStore;
    let other: JobStore;
    beforeAll(async () => {
      database = await emptyDatabase();
      store = await openJobStore(database.url);
      // Two connections of one process to one SQLite file would each keep the other from going on.
      other = name === 'sqlite' ? store : await openJobStore(database.url);
    });
    afterAll(async () => {
      await store.close();
      if (other !== store) await other.close();
      await database.remove();
    });

    const before = (): number => Date.now() - 30 * day;
    const daysAgo = (days: number): string => new Date(Date.now() - days * day).toISOString();
    const idOfOld = (): string => uuidv7({ msecs: Date.now() - 50 * day });
    const oldJob = (facts: Partial<NewJob> = {}): NewJob =>
      newJob({ id: idOfOld(), createdAt: daysAgo(50), ...facts });

    async function ended(job: NewJob, at = daysAgo(40), assets: readonly AssetFacts[] = []): Promise<NewJob> {
      await store.accept([job]);
      await store.project([
        event(job, { kind: 'started', at }),
        event(job, { kind: 'succeeded', result: { ok: true }, assets, at }),
      ]);
      return job;
    }
    async function failed(job = oldJob(), at = daysAgo(40)): Promise<NewJob> {
      await store.accept([job]);
      await store.project([event(job, { kind: 'failed', error: failure, at })]);
      return job;
    }
    async function removeAll(): Promise<number> {
      let removed = 0;
      for (let some = 1; some > 0; removed += some) some = await store.removeExpired(before(), 500);
      return removed;
    }
    const there = async (jobs: readonly NewJob[]): Promise<boolean[]> =>
      Promise.all(jobs.map(async ({ id }) => (await store.get(id)) !== undefined));

    it('removes a job that ended long ago with all that hangs on it, and remembers that it was there', async () => {
      const job = await failed(oldJob({ type: 'expired.whole' }));
      const span = { from: Date.now() - 80 * day, to: Date.now() + day, pointMs: day, type: job.type };
      const counted = await store.statistics(span);
      expect(counted).toHaveLength(1);
      expect(await store.expiredAt(job.id)).toBeUndefined();
      const lines = [{ at: daysAgo(40), line: 'no luck' }];
      const written = { batch: 1, leftOut: 0, total: 1, lines };
      await store.addLogs([{ ...event(job, { kind: 'started' }), ...written, kind: 'logged', run: 'run-1' }]);
      expect(await store.logs(job.id)).toHaveLength(1);
      await removeAll();
      expect(await store.logs(job.id)).toEqual([]);
      expect(await store.get(job.id)).toBeUndefined();
      expect(await store.history(job.id)).toEqual([]);
      expect(await store.list({ type: job.type, limit: 9 })).toEqual([]);
      expect(await store.causes({ type: job.type, limit: 9 })).toEqual([]);
      expect(await store.statistics(span)).toEqual(counted);
      expect(Math.abs((await store.expiredAt(job.id))! - Date.now())).toBeLessThan(60_000);
      expect(await store.removeExpired(before(), 500)).toBe(0);
    });

    it('keeps what has not ended, however old, what ended later, and what runs anew', async () => {
      const [waiting, running, later] = [oldJob(), oldJob(), await ended(oldJob(), daysAgo(29))] as const;
      await store.accept([waiting, running]);
      await store.project([event(running, { kind: 'started', at: daysAgo(45) })]);
      const redriven = await failed();
      await store.redrive([{ id: redriven.id, attempts: 3 }]);
      const gone = await ended(oldJob());
      await removeAll();
      const all = [waiting, running, later, redriven, gone];
      expect(await there(all)).toEqual([true, true, true, true, false]);
      expect(await store.history(redriven.id)).toHaveLength(3);
    });

    it('goes by the gateway’s clock where a worker’s is wrong', async () => {
      const behind = await ended(newJob(), daysAgo(4_000));
      const ahead = await ended(oldJob(), daysAgo(-4_000));
      await removeAll();
      expect(await there([behind, ahead])).toEqual([true, true]);
      expect(await store.removeExpired(Date.now() + day, 500)).toBeGreaterThanOrEqual(2);
      expect(await there([behind, ahead])).toEqual([false, false]);
    });

    it('takes no more than it is asked for, the oldest first, and few with long histories', async () => {
      const jobs = [oldJob(), oldJob(), oldJob()] as const;
      for (const [i, job] of jobs.entries()) {
        await ended(job, daysAgo(60 - i));
        const progress = Array.from({ length: i < 2 ? 3_000 : 1 }, (_, percent) =>
          event(job, { kind: 'progressed', progress: { percent: percent / 3_000 }, at: daysAgo(60) }),
        );
        await store.project(progress);
      }
      expect(await store.removeExpired(before(), 1)).toBe(1);
      expect(await there(jobs)).toEqual([false, true, true]);
      expect(await store.removeExpired(before(), 500)).toBe(2);
    });

    it('lets nothing that is told of an expired job bring it back, and says who is to stop', async () => {
      const job = await ended(oldJob());
      await removeAll();
      const [late, never] = [asset(), newJob()] as const;
      const projected = await store.project([
        event(job, { kind: 'started', attempt: 2, run: 'run-2' }),
        event(job, { kind: 'succeeded', result: {}, assets: [late], attempt: 2, run: 'run-2' }),
        event(never, { kind: 'started' }),
      ]);
      const unknown = [job.id, never.id].toSorted();
      expect(projected).toEqual({ changed: [], overrun: [job.id], unknown });
      expect(await store.get(job.id)).toBeUndefined();
      expect(await store.history(job.id)).toEqual([]);
      expect(await store.getAsset(late.id)).toBeUndefined();
      expect(await store.redrive([{ id: job.id, attempts: 1 }])).toEqual([]);
      expect(await store.expiredAt(job.id)).toBeDefined();
    });

    describe('of files', () => {
      const result = (job: NewJob, file = 'video-mp4'): AssetFacts =>
        asset({ id: `${job.id}.1.9f1c03ab.${file}` });
      const known = async (...files: readonly AssetFacts[]): Promise<boolean[]> => {
        const found = await store.findAssets(files.map(({ id }) => id));
        return files.map(({ id }) => found.has(id));
      };

      it('forgets those that the job made, and no upload', async () => {
        const upload = asset();
        await store.saveAsset({ ...upload, createdAt: daysAgo(60) });
        const maker = oldJob({ payload: { source: upload.id } });
        const made = [result(maker), result(maker, 'poster-jpg')];
        await ended(maker, daysAgo(40), made);
        expect(await known(upload, ...made)).toEqual([true, true, true]);
        await removeAll();
        expect(await known(upload, ...made)).toEqual([true, false, false]);
      });

      it('keeps one that a stored job names, until that one expires too', async () => {
        const maker = oldJob();
        const [used, unused] = [result(maker), result(maker, 'other')];
        await ended(maker, daysAgo(40), [used, unused]);
        const users = [newJob({ payload: { deep: [{ of: used.id }] } }), newJob({ payload: [used.id] })];
        await store.accept(users);
        await removeAll();
        expect(await known(used, unused)).toEqual([true, false]);
        for (const [i, user] of users.entries()) {
          await store.project([event(user, { kind: 'succeeded', result: {}, assets: [] })]);
          await store.removeExpired(Date.now() + day, 500);
          expect(await there([user])).toEqual([false]);
          expect(await known(used)).toEqual([i === 0]);
        }
      });

      it('keeps one that a mended payload or a schedule names', async () => {
        const maker = oldJob();
        const [mendedWith, scheduled] = [result(maker), result(maker, 'other')];
        await ended(maker, daysAgo(40), [mendedWith, scheduled]);
        const mended = await failed();
        await store.redrive([{ id: mended.id, attempts: 1, payload: { source: mendedWith.id } }]);
        await store.addSchedule(newSchedule({ payload: { source: scheduled.id } }));
        await removeAll();
        expect(await known(mendedWith, scheduled)).toEqual([true, true]);
      });

      it('keeps one whose maker is there when a job that used it expires', async () => {
        const maker = oldJob();
        const made = result(maker);
        await ended(maker, daysAgo(3), [made]);
        await ended(oldJob({ payload: { source: made.id } }), daysAgo(40));
        expect(await removeAll()).toBe(1);
        expect(await known(made)).toEqual([true]);
      });
    });

    it('removes each job once when two gateways do it at once, with its files', async () => {
      const jobs = Array.from({ length: 200 }, () => oldJob());
      const files = jobs.map((job) => asset({ id: `${job.id}.1.9f1c03ab.a` }));
      // Each reads the file of the one before.
      const chained = jobs.map((job, i) => ({ ...job, payload: { source: files[i - 1]?.id ?? 'none' } }));
      await store.accept(chained);
      await store.project(
        chained.map((job, i) =>
          event(job, { kind: 'succeeded', result: {}, assets: [files[i]!], at: daysAgo(40) }),
        ),
      );
      const removeBy = async (one: JobStore): Promise<number> => {
        let removed = 0;
        for (let tries = 0; tries < 40; tries++) removed += await one.removeExpired(before(), 7);
        return removed;
      };
      const removed = await Promise.all([removeBy(store), removeBy(other)]);
      expect(removed[0] + removed[1]).toBe(200);
      expect((await store.findAssets(files.map(({ id }) => id))).size).toBe(0);
      expect(new Set(await there(jobs))).toEqual(new Set([false]));
      for (const { id } of jobs) expect(await other.expiredAt(id)).toBeDefined();
    });

    it('lets a job either expire or run anew, when both are asked for at once', async () => {
      const jobs: NewJob[] = [];
      for (let i = 0; i < 60; i++) jobs.push(await failed());
      const redrive = async (ids: readonly string[]): Promise<string[]> =>
        other.redrive(ids.map((id) => ({ id, attempts: 1 })));
      const ids = jobs.map(({ id }) => id);
      const pieces = Array.from({ length: 20 }, (_, i) => ids.slice(i * 3, i * 3 + 3)).toReversed();
      const [redriven] = await Promise.all([
        Promise.all(pieces.map(redrive)).then((lists) => new Set(lists.flat())),
        ...Array.from({ length: 20 }, () => store.removeExpired(before(), 2)),
      ]);
      for (const id of ids) {
        const job = await store.get(id);
        expect([id, job?.status]).toEqual([id, redriven.has(id) ? 'queued' : job && 'failed']);
        expect([id, (await store.history(id)).length]).toEqual([id, job ? (redriven.has(id) ? 3 : 2) : 0]);
        expect([id, (await store.expiredAt(id)) !== undefined]).toEqual([id, job === undefined]);
      }
    });

    it('does not disturb who goes through the jobs page by page', async () => {
      const type = 'expired.paged';
      const jobs = Array.from({ length: 6 }, (_, i) =>
        newJob({ id: uuidv7({ msecs: Date.now() - 50 * day + i }), type, createdAt: daysAgo(50) }),
      );
      for (const job of jobs) await ended(job, jobs.indexOf(job) < 2 ? daysAgo(3) : daysAgo(40));
      const first = await store.list({ type, limit: 3 });
      expect(first.map(({ id }) => id)).toEqual([jobs[5]!.id, jobs[4]!.id, jobs[3]!.id]);
      await removeAll();
      const next = await store.list({ type, limit: 3, before: first.at(-1)!.id });
      expect(next.map(({ id }) => id)).toEqual([jobs[1]!.id, jobs[0]!.id]);
    });

    it('forgets in time that a job was there', async () => {
      const jobs = [await ended(oldJob()), await ended(oldJob())];
      await removeAll();
      expect(await store.forgetExpired(Date.now() - day, 500)).toBe(0);
      expect(await store.forgetExpired(Date.now() + day, 1)).toBe(1);
      while ((await store.forgetExpired(Date.now() + day, 500)) > 0);
      for (const { id } of jobs) expect(await store.expiredAt(id)).toBeUndefined();
      expect(await store.expiredAt('a\0b')).toBeUndefined();
    });
  });
}

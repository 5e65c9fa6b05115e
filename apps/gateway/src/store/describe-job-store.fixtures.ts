import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { EmptyDatabase } from './databases.fixtures.js';
import { asset, event, newJob } from './job-store.fixtures.js';
import type { JobStore } from './job-store.js';
import { openJobStore } from './open-job-store.js';

const hour = 3_600_000;
const failure = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };

/** The promises of the port, tried on one kind of database. */
export function describeJobStore(name: string, emptyDatabase: () => Promise<EmptyDatabase>): void {
  describe(`the job store on ${name}`, () => {
    let database: EmptyDatabase;
    let store: JobStore;

    beforeAll(async () => {
      database = await emptyDatabase();
      store = await openJobStore(database.url);
    });
    afterAll(async () => {
      await store.close();
      await database.remove();
    });

    describe('accepting', () => {
      it('keeps a job as it came, queued, with its first event', async () => {
        const job = newJob({
          payload: { text: 'ö \u0000 \ud83d\ude80', deep: [1, { a: null }] },
          priority: 'high',
        });
        await store.accept([job]);
        expect(await store.get(job.id)).toEqual({
          ...job,
          status: 'queued',
          attempt: 0,
          release: 0,
          rank: 0,
          progress: { percent: 0 },
          assets: [],
          queuedAt: job.createdAt,
        });
        expect(await store.history(job.id)).toMatchObject([{ kind: 'queued', jobId: job.id, seq: 1 }]);
      });

      it('knows no job that was never accepted, whatever its id', async () => {
        expect(await store.get(uuidv7())).toBeUndefined();
        expect(await store.get('a\0b')).toBeUndefined();
        expect(await store.history('a\0b')).toEqual([]);
      });

      it('keeps a job for later as scheduled, without an event', async () => {
        const job = newJob({ dueAt: new Date(Date.now() + hour).toISOString() });
        await store.accept([job]);
        expect(await store.get(job.id)).toMatchObject({ status: 'scheduled', dueAt: job.dueAt });
        expect(await store.history(job.id)).toEqual([]);
      });

      it('takes none of the jobs when one of them cannot be stored', async () => {
        const good = newJob();
        const bad = newJob({ version: null as unknown as number });
        await expect(store.accept([good, bad])).rejects.toThrow(/null/i);
        expect(await store.get(good.id)).toBeUndefined();
      });

      it('leaves a known job as it is when it is accepted again', async () => {
        const job = newJob();
        await store.accept([job]);
        await store.project([event(job, { kind: 'started' })]);
        await store.accept([{ ...job, payload: 'other' }]);
        expect(await store.get(job.id)).toMatchObject({ status: 'running', payload: job.payload });
        expect(await store.history(job.id)).toHaveLength(2);
      });

      it('takes ten thousand jobs at once', async () => {
        const jobs = Array.from({ length: 10_000 }, () => newJob({ type: 'bulk.job' }));
        await store.accept(jobs);
        expect(await store.list({ type: 'bulk.job', limit: 20_000 })).toHaveLength(10_000);
        const outgoing = await store.takeUndispatched('k1', 20_000, 1_000);
        const ids = outgoing.map(({ job }) => job.id);
        await store.markDispatched(ids, 'k1');
        expect(await store.takeUndispatched('k1', 20_000, 1_000)).toEqual([]);
        const done = jobs.map((job) => event(job, { kind: 'succeeded', result: {}, assets: [] }));
        expect((await store.project(done)).changed).toHaveLength(10_000);
        expect(await store.list({ status: 'succeeded', type: 'bulk.job', limit: 20_000 })).toHaveLength(
          10_000,
        );
      });
    });

    describe('listing', () => {
      it('goes newest first, page by page, by type and status', async () => {
        const jobs = Array.from({ length: 5 }, () => newJob({ type: 'listed.job' }));
        await store.accept(jobs);
        await store.project([event(jobs[2]!, { kind: 'started' })]);
        const newest = jobs.map(({ id }) => id).reverse();
        const first = await store.list({ type: 'listed.job', limit: 2 });
        const rest = await store.list({ type: 'listed.job', limit: 9, before: first[1]!.id });
        expect([...first, ...rest].map(({ id }) => id)).toEqual(newest);
        const running = await store.list({ type: 'listed.job', status: 'running', limit: 9 });
        expect(running.map(({ id }) => id)).toEqual([jobs[2]!.id]);
      });

      it('selects by the schedule that made them, and by how their ids begin, and counts those', async () => {
        const [scheduleId, other] = [randomUUID(), randomUUID()];
        const jobs = Array.from({ length: 3 }, () => newJob({ scheduleId }));
        await store.accept([...jobs, newJob({ scheduleId: other }), newJob()]);
        await store.project([event(jobs[1]!, { kind: 'started' })]);
        const newest = jobs.map(({ id }) => id).reverse();
        expect((await store.list({ scheduleId, limit: 9 })).map(({ id }) => id)).toEqual(newest);
        expect(await store.list({ scheduleId, status: 'running', limit: 9 })).toHaveLength(1);
        expect(await store.counts({ scheduleId })).toMatchObject({ queued: 2, running: 1, failed: 0 });
        for (const length of [8, 9, 20, 36]) {
          const idPrefix = jobs[0]!.id.slice(0, length);
          expect((await store.list({ idPrefix, limit: 99 })).map(({ id }) => id)).toContain(jobs[0]!.id);
        }
        expect(await store.counts({ idPrefix: jobs[0]!.id, type: jobs[0]!.type })).toMatchObject({
          queued: 1,
        });
        expect(await store.list({ idPrefix: 'ffffffff', limit: 9 })).toEqual([]);
      });

      it('counts the jobs of every status', async () => {
        const before = await store.counts();
        await store.accept([newJob(), newJob({ dueAt: new Date(Date.now() + hour).toISOString() })]);
        expect(await store.counts()).toEqual({
          ...before,
          queued: before.queued + 1,
          scheduled: before.scheduled + 1,
        });
      });
    });

    describe('projecting', () => {
      it('folds a batch of several jobs and numbers the events of each', async () => {
        const [one, two] = [newJob(), newJob()] as const;
        await store.accept([one, two]);
        const projected = await store.project([
          event(one, { kind: 'started' }),
          event(two, { kind: 'started' }),
          event(one, { kind: 'progressed', progress: { percent: 40 } }),
          event(two, { kind: 'failed', error: failure }),
        ]);
        expect([...projected.changed].sort()).toEqual([one.id, two.id].sort());
        expect(await store.get(one.id)).toMatchObject({ status: 'running', progress: { percent: 40 } });
        expect(await store.get(two.id)).toMatchObject({ status: 'failed', error: failure });
        const history = await store.history(one.id);
        expect(history.map(({ seq, kind }) => [seq, kind])).toEqual([
          [1, 'queued'],
          [2, 'started'],
          [3, 'progressed'],
        ]);
        expect(await store.history(one.id, 1, 1)).toMatchObject([{ seq: 2, kind: 'started' }]);
      });

      it('passes over an event that it has, in the same batch or a later one', async () => {
        const job = newJob();
        await store.accept([job]);
        const started = event(job, { kind: 'started' });
        expect((await store.project([started, started])).changed).toEqual([job.id]);
        expect((await store.project([started])).changed).toEqual([]);
        expect(await store.history(job.id)).toHaveLength(2);
      });

      it('records a late event without going back to it', async () => {
        const job = newJob();
        await store.accept([job]);
        await store.project([event(job, { kind: 'succeeded', result: { ok: true }, assets: [] })]);
        expect((await store.project([event(job, { kind: 'started' })])).changed).toEqual([job.id]);
        expect(await store.get(job.id)).toMatchObject({ status: 'succeeded', result: { ok: true } });
        expect(await store.history(job.id)).toHaveLength(3);
      });

      it('keeps no cancel that came when the job had moved on', async () => {
        const job = newJob();
        await store.accept([job]);
        const { run: _, ...cancelled } = event(job, { kind: 'cancelled', attempt: 0 });
        await store.project([event(job, { kind: 'started' }), cancelled]);
        expect(await store.get(job.id)).toMatchObject({ status: 'running' });
        await store.project([{ ...cancelled, id: 'again', attempt: 1 }]);
        const kinds = (await store.history(job.id)).map(({ kind }) => kind);
        expect(kinds).toEqual(['queued', 'started', 'cancelled']);
      });

      it('keeps of a run after the end only its outcome, once, as late', async () => {
        const job = newJob();
        await store.accept([job]);
        const succeeded = { kind: 'succeeded', result: { ok: true }, assets: [] } as const;
        await store.project([event(job, { kind: 'started' }), event(job, succeeded)]);
        const again = { attempt: 2, run: 'run-2' };
        const more = [event(job, { ...again, kind: 'started' }), event(job, { ...again, ...succeeded })];
        const before = await store.get(job.id);
        await store.project(more);
        await store.project(more);
        expect(await store.get(job.id)).toEqual({ ...before, late: 1 });
        const told = (await store.history(job.id)).map(({ kind, late }) => [kind, late ?? false]);
        expect(told).toEqual([
          ['queued', false],
          ['started', false],
          ['succeeded', false],
          ['succeeded', true],
        ]);
      });

      it('keeps the outcome of a lost attempt as late while a later one runs', async () => {
        const job = newJob();
        await store.accept([job]);
        await store.project([
          event(job, { kind: 'started' }),
          event(job, { kind: 'started', attempt: 2, run: 'run-2' }),
          event(job, { kind: 'failed', error: failure }),
        ]);
        expect(await store.get(job.id)).toMatchObject({ status: 'running', attempt: 2, run: 'run-2' });
        expect((await store.history(job.id)).at(-1)).toMatchObject({
          kind: 'failed',
          attempt: 1,
          late: true,
        });
      });

      it('reports the jobs that it does not know, and takes the rest', async () => {
        const [known, unknown] = [newJob(), newJob()] as const;
        await store.accept([known]);
        const nul = event({ id: 'a\0b', type: 'x.y' }, { kind: 'started' });
        const projected = await store.project([
          event(unknown, { kind: 'started' }),
          nul,
          event(known, { kind: 'started' }),
        ]);
        expect(projected).toEqual({ changed: [known.id], overrun: [], unknown: [unknown.id, 'a\0b'] });
        expect(await store.history(unknown.id)).toEqual([]);
      });

      it('takes none of a batch when one of its events cannot be stored', async () => {
        const job = newJob();
        await store.accept([job]);
        const broken = { ...event(job, { kind: 'started' }), id: null as unknown as string };
        await expect(store.project([event(job, { kind: 'started' }), broken])).rejects.toThrow();
        expect(await store.get(job.id)).toMatchObject({ status: 'queued' });
        expect(await store.history(job.id)).toHaveLength(1);
      });

      it('makes the files of the recorded run the job’s, and no other run’s', async () => {
        const job = newJob();
        const [won, lost] = [asset(), asset()] as const;
        await store.accept([job]);
        const at = '2026-01-02T03:04:05.000Z';
        await store.project([event(job, { kind: 'succeeded', result: {}, assets: [won], at })]);
        await store.project([event(job, { kind: 'succeeded', result: {}, assets: [lost], run: 'run-2' })]);
        expect(await store.getAsset(won.id)).toEqual({ ...won, createdAt: at, jobId: job.id });
        expect(await store.getAsset(lost.id)).toBeUndefined();
      });
    });

    describe('the register of assets', () => {
      it('keeps an upload, tells which ids it has, and forgets a removed one', async () => {
        const upload = { ...asset(), createdAt: new Date(Date.now()).toISOString() };
        const other = uuidv7();
        await store.saveAsset(upload);
        await store.saveAsset({ ...upload, filename: 'again' });
        expect(await store.getAsset(upload.id)).toEqual(upload);
        expect([...(await store.findAssets([upload.id, other])).keys()]).toEqual([upload.id]);
        expect(await store.removeAsset(upload.id)).toBe(true);
        expect(await store.removeAsset(upload.id)).toBe(false);
        expect(await store.getAsset(upload.id)).toBeUndefined();
      });
    });

    it('survives being closed and opened again', async () => {
      const own = await emptyDatabase();
      const job = newJob();
      const first = await openJobStore(own.url);
      await first.accept([job]);
      await first.close();
      await expect(first.get(job.id)).rejects.toMatchObject({ code: 'store.unavailable' });
      const second = await openJobStore(own.url);
      await second.check();
      expect(await second.get(job.id)).toMatchObject({ status: 'queued' });
      await second.close();
      await own.remove();
    });
  });
}

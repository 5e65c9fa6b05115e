import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmptyDatabase } from './databases.fixtures.js';
import { event, newJob } from './job-store.fixtures.js';
import type { JobStore, NewJob } from './job-store.js';
import { openJobStore } from './open-job-store.js';

const errorOf = (message: string) => ({ name: 'Error', code: 'handler.failed', message, retryable: true });

/** The promises of the store's dead letters, tried on one kind of database. */
export function describeDeadLetters(name: string, emptyDatabase: () => Promise<EmptyDatabase>): void {
  describe(`the dead letters on ${name}`, () => {
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

    /** A job that was sent, ran, and failed. */
    async function failed(type: string, message: string): Promise<NewJob> {
      const job = newJob({ type });
      await store.accept([job]);
      await store.takeUndispatched('k1', 100_000, 0);
      await store.markDispatched([job.id], 'k1');
      await store.project([
        event(job, { kind: 'started' }),
        event(job, { kind: 'failed', error: errorOf(message) }),
      ]);
      return job;
    }
    const groups = async (type: string) =>
      (await store.causes({ type, limit: 10 })).map(({ jobs, example }) => [jobs, example.id]);
    const outgoing = async (id: string) =>
      (await store.takeUndispatched('k1', 100_000, 0)).find(({ job }) => job.id === id);

    it('are grouped by cause, the largest group first, each with its youngest job', async () => {
      const type = 'group.by';
      const [, second] = [await failed(type, 'no file 1'), await failed(type, 'no file 22')];
      const other = await failed(type, 'broken pipe');
      expect(await groups(type)).toEqual([
        [2, second.id],
        [1, other.id],
      ]);
      const [first] = await store.causes({ type, limit: 1 });
      expect(first!.firstAt).toBeLessThanOrEqual(first!.lastAt);
      const listed = await store.list({ cause: first!.cause, limit: 10 });
      expect(listed).toHaveLength(2);
    });

    it('run anew as the next attempt, with the payload that is given', async () => {
      const job = await failed('run.anew', 'no luck');
      expect(await store.redrive([{ id: job.id, attempts: 2, payload: { mended: true } }])).toEqual([job.id]);
      expect(await store.get(job.id)).toMatchObject({
        status: 'queued',
        maxAttempts: 3,
        payload: { mended: true },
      });
      expect(await groups('run.anew')).toEqual([]);
      expect(await outgoing(job.id)).toMatchObject({
        attempt: 2,
        release: 0,
        job: { payload: { mended: true } },
      });
      await store.project([event(job, { kind: 'started', attempt: 2 })]);
      expect(await store.get(job.id)).toMatchObject({ status: 'running', attempt: 2 });
      const kinds = (await store.history(job.id)).map(({ kind }) => kind);
      expect(kinds).toEqual(['queued', 'started', 'failed', 'redriven', 'started']);
    });

    it('run at their time when one is given', async () => {
      const job = await failed('run.later', 'no luck');
      await store.redrive([{ id: job.id, attempts: 1, dueAt: Date.now() + 3_600_000 }]);
      expect(await outgoing(job.id)).toBeUndefined();
    });

    it('that fail again are dead letters again, with all their history', async () => {
      const job = await failed('fail.again', 'no luck');
      await store.redrive([{ id: job.id, attempts: 1 }]);
      await store.project([
        event(job, { kind: 'started', attempt: 2 }),
        event(job, { kind: 'failed', attempt: 2, error: errorOf('no luck') }),
      ]);
      expect(await groups('fail.again')).toEqual([[1, job.id]]);
      expect(await store.history(job.id)).toHaveLength(6);
    });

    it('are what failed: nothing else is redriven, and a second time changes nothing', async () => {
      const waiting = newJob({ type: 'not.dead' });
      await store.accept([waiting]);
      const job = await failed('not.dead', 'no luck');
      const orders = [waiting.id, job.id, 'nobody', 'a\0b'].map((id) => ({ id, attempts: 1 }));
      expect(await store.redrive(orders)).toEqual([job.id]);
      expect(await store.redrive(orders)).toEqual([]);
    });

    it('a cancelled job that was never begun runs anew under an attempt that no message of it had', async () => {
      const job = newJob({ type: 'was.cancelled' });
      await store.accept([job]);
      await store.takeUndispatched('k1', 100_000, 0);
      await store.markDispatched([job.id], 'k1');
      await store.project([event(job, { kind: 'cancelled', attempt: 0 })]);
      expect(await store.redrive([{ id: job.id, attempts: 3 }])).toEqual([job.id]);
      expect(await outgoing(job.id)).toMatchObject({ attempt: 2, release: 0 });
      expect(await store.get(job.id)).toMatchObject({ status: 'queued', maxAttempts: 4 });
    });

    it('are forgotten when they are discarded, and stay failed, whatever is told late', async () => {
      const job = await failed('for.get', 'no luck');
      expect(await store.discard([job.id, 'nobody'])).toEqual([job.id]);
      expect(await store.discard([job.id])).toEqual([]);
      await store.project([event(job, { kind: 'progressed', progress: { percent: 99 } })]);
      expect(await groups('for.get')).toEqual([]);
      expect(await store.get(job.id)).toMatchObject({ status: 'failed' });
    });
  });
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmptyDatabase } from './databases.fixtures.js';
import { event, newJob } from './job-store.fixtures.js';
import type { JobStore } from './job-store.js';
import { openJobStore } from './open-job-store.js';

const hour = 3_600_000;
const failure = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };

/** The promises of the store's outbox, tried on one kind of database. */
export function describeOutbox(name: string, emptyDatabase: () => Promise<EmptyDatabase>): void {
  describe(`the outbox on ${name}`, () => {
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

    /** The ids among these that can be taken now; gives everything back. */
    async function takeable(ids: readonly string[], keeper = 'k1'): Promise<string[]> {
      const outgoing = await store.takeUndispatched(keeper, 100_000, 1_000);
      await store.releaseUndispatched(outgoing.map(({ job }) => job.id));
      return outgoing.map(({ job }) => job.id).filter((id) => ids.includes(id));
    }

    it('gives a job out once, and again when its lease has run out, as the same message', async () => {
      const job = newJob();
      await store.accept([job]);
      const first = await store.takeUndispatched('k1', 100_000, 5_000);
      expect(first.find((one) => one.job.id === job.id)).toMatchObject({ attempt: 1, release: 0 });
      expect(await takeable([job.id])).toEqual([]);
      ahead += 5_001;
      expect(await takeable([job.id])).toEqual([job.id]);
    });

    it('leaves a job that is stored under a hold to its keeper until the lease runs out, but not one that is to wait', async () => {
      const due = new Date(now() - 1).toISOString();
      const [held, dated] = [newJob(), newJob({ dueAt: due })] as const;
      await store.accept([held, dated], [], { keeper: 'k1', leaseMs: 5_000 });
      expect(await takeable([held.id, dated.id])).toEqual([dated.id]);
      ahead += 5_001;
      const found = await store.takeUndispatched('k1', 100_000, 5_000);
      expect(found.find((one) => one.job.id === held.id)).toMatchObject({ attempt: 1, release: 0 });
      const [next] = [newJob()];
      await store.accept([next], [], { keeper: 'k1', leaseMs: 5_000 });
      await store.markDispatched([next.id], 'k1');
      ahead += 5_001;
      expect(await takeable([next.id])).toEqual([]);
    });

    it('gives a held job out once its keeper is gone, and none that a worker told of', async () => {
      const [lost, begun] = [newJob(), newJob()] as const;
      await store.accept([lost, begun], [], { keeper: 'k-gone', leaseMs: hour });
      await store.project([event(begun, { kind: 'started' })]);
      ahead += hour + 1;
      expect(await takeable([lost.id, begun.id], 'k-gone')).toEqual([lost.id]);
      await store.accept([newJob()], [], { keeper: 'k-gone', leaseMs: hour });
      expect(await store.adopt('k1')).toBeGreaterThanOrEqual(1);
    });

    it('gives out no job that was dispatched, is final, or a worker told of', async () => {
      const [sent, cancelled, started] = [newJob(), newJob(), newJob()] as const;
      const ids = [sent.id, cancelled.id, started.id];
      await store.accept([sent, cancelled, started]);
      await store.takeUndispatched('k1', 100_000, 0);
      await store.markDispatched([sent.id], 'k1');
      await store.project([
        event(cancelled, { kind: 'cancelled', attempt: 0 }),
        event(started, { kind: 'started' }),
      ]);
      expect(await takeable(ids)).toEqual([]);
    });

    it('gives a released job out again after the pause', async () => {
      const job = newJob();
      await store.accept([job]);
      await store.takeUndispatched('k1', 100_000, hour);
      await store.releaseUndispatched([job.id], 2_000);
      expect(await takeable([job.id])).toEqual([]);
      ahead += 2_000;
      expect(await takeable([job.id])).toEqual([job.id]);
    });

    it('gives a scheduled job out when it is due', async () => {
      const job = newJob({ dueAt: new Date(now() + hour).toISOString() });
      await store.accept([job]);
      ahead += hour;
      expect(await takeable([job.id])).toEqual([job.id]);
      expect(await store.get(job.id)).toMatchObject({ status: 'scheduled' });
    });

    it('says when the next job becomes due, of those that are still to be sent', async () => {
      const [one, two, three] = [1, 2, 3].map((minute) => Date.parse(`2190-01-01T00:0${minute}:00Z`));
      const jobs = [three!, one!, two!].map((due) => newJob({ dueAt: new Date(due).toISOString() }));
      await store.accept([newJob(), ...jobs]);
      expect(await store.nextDue(one! - 1)).toBe(one);
      expect(await store.nextDue(one!)).toBe(two);
      await store.project([event(jobs[2]!, { kind: 'cancelled', attempt: 0 })]);
      expect(await store.nextDue(one!)).toBe(three);
      expect(await store.nextDue(three!)).toBeUndefined();
    });

    it('sends what another keeper held again, each job from where it stands, as handed over before', async () => {
      const [fresh, running, retrying, released, done] = Array.from({ length: 5 }, () => newJob());
      const all = [fresh!, running!, retrying!, released!, done!];
      await store.accept(all);
      await store.takeUndispatched('old', 100_000, hour);
      const ids = all.map(({ id }) => id);
      await store.markDispatched(ids, 'old');
      await store.project([
        ...all.slice(1).map((job) => event(job, { kind: 'started' })),
        event(retrying!, {
          kind: 'retrying',
          error: failure,
          nextAttemptAt: new Date(now()).toISOString(),
        }),
        event(released!, { kind: 'released', reason: 'drain' }),
        event(done!, { kind: 'succeeded', result: 1, assets: [] }),
      ]);
      expect(await store.adopt('old')).toBeGreaterThanOrEqual(0);
      expect(await takeable(ids, 'old')).toEqual([]);
      expect(await store.adopt('new')).toBeGreaterThanOrEqual(4);
      const outgoing = await store.takeUndispatched('new', 100_000, 0);
      const positions = new Map(outgoing.map(({ job, attempt, release }) => [job.id, [attempt, release]]));
      expect(ids.map((id) => positions.get(id))).toEqual([[1, 1], [2, 1], [2, 1], [1, 2], undefined]);
      await store.markDispatched(ids, 'old');
      expect(await takeable(ids, 'new')).toHaveLength(4);
      await store.markDispatched(ids, 'new');
      expect(await takeable(ids, 'new')).toEqual([]);
      expect(await store.adopt('new')).toBe(0);
    });

    it('does not take the word of the old keeper’s worker for the arrival of an adopted job', async () => {
      const job = newJob();
      await store.accept([job]);
      await store.takeUndispatched('old', 100_000, hour);
      await store.adopt('newer');
      await store.takeUndispatched('newer', 100_000, 1_000);
      await store.project([event(job, { kind: 'started', attempt: 1, release: 1 })]);
      ahead += 1_001;
      const again = await store.takeUndispatched('newer', 100_000, 1_000);
      expect(again.find((one) => one.job.id === job.id)).toMatchObject({ attempt: 1, release: 1 });
    });

    it('sends a job again that its keeper has lost, unless it has ended or is still to be sent', async () => {
      const [lost, done, waiting] = [newJob(), newJob(), newJob()] as const;
      await store.accept([lost, done]);
      await store.takeUndispatched('k1', 100_000, hour);
      await store.markDispatched([lost.id, done.id], 'k1');
      await store.project([event(done, { kind: 'succeeded', result: 1, assets: [] })]);
      await store.accept([waiting]);
      const all = [lost.id, done.id, waiting.id];
      expect(await store.sendAgain(all)).toBe(1);
      expect(await store.sendAgain(all)).toBe(0);
      const outgoing = await store.takeUndispatched('k1', 100_000, 0);
      expect(outgoing.find(({ job }) => job.id === lost.id)).toMatchObject({ attempt: 1, release: 1 });
      expect(outgoing.find(({ job }) => job.id === waiting.id)).toMatchObject({ attempt: 1, release: 0 });
    });

    it('never gives one job to two who take at once', async () => {
      const jobs = Array.from({ length: 300 }, () => newJob());
      await store.accept(jobs);
      const taken = await Promise.all(
        Array.from({ length: 20 }, () => store.takeUndispatched('k1', 50, hour)),
      );
      const ids = taken.flat().map(({ job }) => job.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(jobs.every(({ id }) => ids.includes(id))).toBe(true);
    });
  });
}

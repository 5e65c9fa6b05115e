import type { LoggedEvent } from '@heavylift/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmptyDatabase } from './databases.fixtures.js';
import { event, newJob } from './job-store.fixtures.js';
import type { JobStore, NewJob } from './job-store.js';
import { openJobStore } from './open-job-store.js';

type Written = Partial<Pick<LoggedEvent, 'attempt' | 'release' | 'run' | 'batch' | 'leftOut' | 'total'>>;

/** Lines `from` to `to` of a run. */
function logged(job: NewJob, from: number, to: number, written: Written = {}): LoggedEvent {
  const lines = Array.from({ length: to - from + 1 }, (_, i) => ({
    at: '2030-01-01T00:00:00.000Z',
    line: `line ${from + i}`,
  }));
  const base = event(job, { kind: 'started' });
  return { ...base, run: 'run-1', kind: 'logged', batch: 1, leftOut: 0, total: to, lines, ...written };
}

/** The promises of the store's log lines, tried on one kind of database. */
export function describeLogBook(name: string, emptyDatabase: () => Promise<EmptyDatabase>): void {
  describe(`the log lines on ${name}`, () => {
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

    async function accepted(): Promise<NewJob> {
      const job = newJob();
      await store.accept([job]);
      return job;
    }
    const linesOf = async (job: NewJob, after?: number): Promise<string[]> =>
      (await store.logs(job.id, after)).flatMap(({ lines }) => lines.map(({ line }) => line));

    it('come out in the order of their runs and batches, each once, however they came in', async () => {
      const job = await accepted();
      const second = logged(job, 3, 4, { batch: 2 });
      const next = logged(job, 1, 1, { attempt: 2, run: 'run-0' });
      const first = logged(job, 1, 2);
      await store.addLogs([next, second]);
      await store.addLogs([first, second, first]);
      await store.addLogs([{ ...first, id: 'told-again' }]);
      expect(await linesOf(job)).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 1']);
      expect(await store.logs(job.id)).toMatchObject([
        { attempt: 1, run: 'run-1', leftOut: 0, total: 2 },
        { attempt: 1, total: 4 },
        { attempt: 2, run: 'run-0', total: 1 },
      ]);
    });

    it('are read on from where one was', async () => {
      const job = await accepted();
      expect(await store.lastLog(job.id)).toBe(0);
      await store.addLogs([logged(job, 1, 2)]);
      const last = await store.lastLog(job.id);
      await store.addLogs([logged(job, 3, 3, { batch: 2 }), logged(job, 4, 4, { batch: 3 })]);
      expect(await linesOf(job, last)).toEqual(['line 3', 'line 4']);
      expect(await linesOf(job, await store.lastLog(job.id))).toEqual([]);
    });

    it('of a job that is not there are passed over, and change nothing of one that is', async () => {
      const job = await accepted();
      const before = await store.get(job.id);
      const strange = { ...job, id: 'nul\0' };
      await store.addLogs([logged(newJob(), 1, 1), logged(job, 1, 1), logged(strange, 1, 1)]);
      expect(await linesOf(job)).toEqual(['line 1']);
      expect(await linesOf(strange)).toEqual([]);
      expect(await store.get(job.id)).toEqual(before);
      expect(await store.history(job.id)).toHaveLength(1);
      await store.addLogs([]);
    });

    it('are kept as they are, whatever is in them', async () => {
      const job = await accepted();
      const line = `"quoted" \\ 😀 \ud800 ' -- ?`;
      await store.addLogs([{ ...logged(job, 1, 1), lines: [{ at: 'now', line }] }]);
      expect(await linesOf(job)).toEqual([line]);
    });

    it('are the newest of a job, of all attempts together, and say how many there were', async () => {
      const [job, other] = [await accepted(), await accepted()];
      const batches = (attempt: number, count: number): LoggedEvent[] =>
        Array.from({ length: count }, (_, i) =>
          logged(job, i * 100 + 1, i * 100 + 100, { attempt, run: `run-${attempt}`, batch: i + 1 }),
        );
      await store.addLogs([logged(other, 1, 7), ...batches(1, 8)]);
      for (const batch of batches(2, 12)) await store.addLogs([batch]);
      const kept = await store.logs(job.id);
      expect(kept.map(({ attempt, lines, total }) => [attempt, lines.length, total])).toEqual([
        [1, 0, 800],
        ...Array.from({ length: 10 }, (_, i) => [2, 100, 300 + i * 100]),
      ]);
      expect((await linesOf(job))[0]).toBe('line 201');
      expect(await linesOf(other)).toHaveLength(7);
    });

    it('that come again when newer ones have taken their place, stay away', async () => {
      const job = await accepted();
      const old = [logged(job, 1, 100), logged(job, 101, 200, { batch: 2 })];
      const newer = Array.from({ length: 10 }, (_, i) =>
        logged(job, 201 + i * 100, 300 + i * 100, { batch: 3 + i }),
      );
      await store.addLogs([...old, ...newer]);
      const last = await store.lastLog(job.id);
      const kept = await store.logs(job.id);
      await store.addLogs(old);
      expect(await store.logs(job.id)).toEqual(kept);
      expect(await linesOf(job, last)).toEqual([]);
    });

    it('of many jobs and gateways at once are all kept', async () => {
      // Only PostgreSQL is for more than one gateway.
      const other = name === 'postgres' ? await openJobStore(database.url) : store;
      const jobs = await Promise.all(Array.from({ length: 5 }, accepted));
      const write = (target: JobStore, run: string, batch: number): Promise<void> =>
        target.addLogs(jobs.map((job) => logged(job, batch, batch, { run, batch })));
      const numbers = Array.from({ length: 10 }, (_, i) => i + 1);
      await Promise.all(numbers.flatMap((n) => [write(store, 'run-a', n), write(other, 'run-b', n)]));
      for (const job of jobs) {
        const batches = await store.logs(job.id);
        expect(batches).toHaveLength(20);
        expect(new Set(batches.map(({ seq }) => seq)).size).toBe(20);
      }
      if (other !== store) await other.close();
    });
  });
}

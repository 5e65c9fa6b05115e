import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmptyDatabase } from './databases.fixtures.js';
import { event, newJob } from './job-store.fixtures.js';
import type { JobStore, NewJob } from './job-store.js';
import { openJobStore } from './open-job-store.js';
import type { Counted, Span } from './sql-statistics.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const failure = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };

/** The promises of the store's statistics, tried on one kind of database. */
export function describeStatistics(name: string, emptyDatabase: () => Promise<EmptyDatabase>): void {
  describe(`the statistics on ${name}`, () => {
    let database: EmptyDatabase;
    let store: JobStore;
    /** A whole hour, so that no test stands on the edge of one. */
    const start = Date.UTC(2030, 0, 1, 12);
    let now = start;

    beforeAll(async () => {
      database = await emptyDatabase();
      store = await openJobStore(database.url, () => now);
    });
    afterAll(async () => {
      await store.close();
      await database.remove();
    });

    const at = (ms: number): string => new Date(ms).toISOString();
    const span = (from: number, pointMs: number, type?: string): Span => ({
      from,
      to: from + 100 * pointMs,
      pointMs,
      ...(type ? { type } : {}),
    });
    async function accepted(type: string, createdAt: number): Promise<NewJob> {
      const job = newJob({ type, createdAt: at(createdAt) });
      await store.accept([job]);
      return job;
    }
    const counts = (rows: readonly Counted[]): Record<string, number> => {
      const sums: Record<string, number> = {};
      for (const { measure, count } of rows) sums[measure] = (sums[measure] ?? 0) + count;
      return sums;
    };

    it('count each end once, however often it is told, with the times that it took', async () => {
      const type = 'count.once';
      const job = await accepted(type, start);
      const events = [
        event(job, { kind: 'started', at: at(start + 1_000) }),
        event(job, { kind: 'succeeded', result: null, assets: [], at: at(start + 61_000) }),
      ];
      now = start + 2 * minute;
      await store.project(events);
      await store.project(events);
      await store.project([event(job, { kind: 'succeeded', result: null, assets: [], run: 'other' })]);
      const rows = await store.statistics(span(start, minute, type));
      expect(counts(rows)).toEqual({ succeeded: 1, wait: 1, run: 1 });
      const moments = Object.fromEntries(rows.map((row) => [row.measure, row.at]));
      expect(moments).toEqual({ wait: start, succeeded: start + minute, run: start + minute });
    });

    it('count retries, failures and cancelled jobs, by the minute and by the hour', async () => {
      const type = 'count.kinds';
      now = start + 5 * hour;
      const [retried, cancelled] = [await accepted(type, now), await accepted(type, now)];
      await store.project([
        event(retried, { kind: 'started', at: at(now) }),
        event(retried, { kind: 'retrying', error: failure, nextAttemptAt: at(now), at: at(now) }),
        event(retried, { kind: 'started', attempt: 2, at: at(now) }),
        event(retried, { kind: 'failed', attempt: 2, error: failure, at: at(now) }),
        event(cancelled, { kind: 'cancelled', attempt: 0, at: at(now) }),
      ]);
      const expected = { retried: 1, failed: 1, cancelled: 1, wait: 2, run: 2 };
      expect(counts(await store.statistics(span(now, minute, type)))).toEqual(expected);
      expect(counts(await store.statistics(span(now, hour, type)))).toEqual(expected);
      expect(await store.statistics(span(now + hour, hour, type))).toEqual([]);
    });

    it('believe no clock that is far off', async () => {
      const type = 'count.clocks';
      now = start + 6 * hour;
      for (const wrong of ['1970-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z', at(now - minute)])
        await store.project([event(await accepted(type, now), { kind: 'cancelled', attempt: 0, at: wrong })]);
      const rows = await store.statistics({ from: 0, to: 2 * now, pointMs: hour, type });
      expect(rows.map((row) => row.at).toSorted()).toEqual([now - 7 * day, now - hour, now].toSorted());
    });

    it('keep the worst of what was sampled in a minute', async () => {
      now = start + 7 * hour;
      const samples = (ready: number, broker: number) => [
        { name: 'ready', type: 'a.b', value: ready },
        { name: 'broker', type: '', value: broker },
      ];
      for (const [ready, broker] of [
        [3, 1],
        [9, 0],
        [4, 1],
      ] as const)
        await store.saveSamples(samples(ready, broker));
      now += minute;
      await store.saveSamples(samples(5, 1));
      const found = await store.samples(span(start + 7 * hour, 5 * minute));
      expect(found.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { at: start + 7 * hour, name: 'broker', type: '', value: 0 },
        { at: start + 7 * hour, name: 'ready', type: 'a.b', value: 9 },
      ]);
    });

    it('are forgotten: minutes after two days, hours after ninety', async () => {
      const type = 'count.old';
      now = start + 8 * hour;
      const job = await accepted(type, now);
      await store.project([event(job, { kind: 'cancelled', attempt: 0, at: at(now) })]);
      const then = now;
      now += 3 * day;
      expect(await store.forgetStatistics()).toBeGreaterThan(0);
      expect(await store.statistics(span(then, minute, type))).toEqual([]);
      expect(counts(await store.statistics(span(then, hour, type)))).toEqual({ cancelled: 1 });
      now += 90 * day;
      await store.forgetStatistics();
      expect(await store.statistics(span(then, hour, type))).toEqual([]);
    });
  });
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import { databases, type EmptyDatabase } from '../store/databases.fixtures.js';
import { event, newJob } from '../store/job-store.fixtures.js';
import type { JobStore, NewJob } from '../store/job-store.js';
import { openJobStore } from '../store/open-job-store.js';
import { OutboxRelay } from './outbox-relay.js';
import { Lines, Recorder } from './recorder.fixtures.js';

const scheduled = 100_000;
const yearMs = 365 * 86_400_000;
const limitMs = 300_000;
const tries = 3;

describe.each(Object.entries(databases))('with 100,000 scheduled jobs on %s', (_, emptyDatabase) => {
  let database: EmptyDatabase;
  let store: JobStore;

  beforeAll(async () => {
    database = await emptyDatabase();
    store = await openJobStore(database.url);

    for (let start = 0; start < scheduled; start += 5_000)
      await store.accept(Array.from({ length: 5_000 }, (_each, i) => dueIn(spread(start + i))));
  }, limitMs);
  afterAll(async () => {
    await store.close();
    await database.remove();
  }, limitMs);

  it(
    'those that are due leave at their time, and no others',
    async () => {
      const late: number[] = [];
      // Nearly all, and again if need be: the machine may stand still for a moment.
      while (late.length < tries && !late.some((ms) => ms < 1_000)) {
        const lateMs = await lateness();
        expect(lateMs[0]).toBeGreaterThanOrEqual(0);
        late.push(lateMs[Math.floor(0.9 * lateMs.length)]!);
      }
      expect(Math.min(...late)).toBeLessThan(1_000);
    },
    limitMs,
  );

  /** How late each of 150 jobs left, in milliseconds, the least first; and that nothing else did. */
  async function lateness(): Promise<number[]> {
    const sentAt = new Map<string, number>();
    const recorder = new Recorder();
    recorder.onSend = ({ id }) => void sentAt.set(id, Date.now());
    const due = Array.from({ length: 150 }, (_each, i) => dueIn(1_500 + 20 * i));
    const cancelled = dueIn(1_500);
    await store.accept([...due, cancelled]);
    await store.project([event(cancelled, { kind: 'cancelled', attempt: 0 })]);
    const relay = new OutboxRelay(store, recorder, { source: '/gateway/test', logger: new Lines() });
    relay.start();
    const allSent = async (): Promise<boolean> => due.every(({ id }) => sentAt.has(id));
    await waitUntil('all are sent', allSent, { timeoutMs: 60_000 });
    await relay.stop();
    expect(sentAt.size).toBe(due.length);
    return due.map(({ id, dueAt }) => sentAt.get(id)! - Date.parse(dueAt!)).sort((a, b) => a - b);
  }

  it('they are listed, counted and cancelled like any', async () => {
    expect((await store.counts()).scheduled).toBe(scheduled);
    const [newest, ...rest] = await store.list({ status: 'scheduled', limit: 101 });
    expect(rest).toHaveLength(100);
    await store.project([event(newest!, { kind: 'cancelled', attempt: 0 })]);
    expect(await store.get(newest!.id)).toMatchObject({ status: 'cancelled' });
    const after = await store.list({ status: 'scheduled', limit: 100 });
    expect(after.map(({ id }) => id)).toEqual(rest.map(({ id }) => id));
  });
});

/** From an hour to a year ahead. */
function spread(i: number): number {
  return 3_600_000 + (i / scheduled) * yearMs;
}

function dueIn(ms: number): NewJob {
  return newJob({ dueAt: new Date(Date.now() + ms).toISOString() });
}

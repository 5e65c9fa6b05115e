import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventFacts, JobEvent } from '@heavylift/core';
import { event, newJob } from '../store/job-store.fixtures.js';
import type { JobStore, NewJob } from '../store/job-store.js';
import { openJobStore } from '../store/open-job-store.js';
import { Reconciler } from './reconciler.js';
import { Lines } from './recorder.fixtures.js';

const minuteMs = 60_000;
const failure = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };

describe('the reconciler', () => {
  let store: JobStore;
  let waiting: Record<string, number>;
  let held: Set<string>;
  let idle: boolean;
  let ahead: number;
  let reconciler: Reconciler;
  const now = (): number => Date.now() + ahead;

  beforeEach(async () => {
    store = await openJobStore('sqlite::memory:', now);
    [waiting, held, idle, ahead] = [{}, new Set(), true, 0];
    reconciler = new Reconciler({
      store,
      transport: { inspect: async (queue) => ({ ready: waiting[queue] ?? 0, deadLettered: 0 }) },
      isHeld: async (jobId) => held.has(jobId),
      isIdle: async () => idle,
      jobTypes: ['video.transcode', 'image.resize'],
      logger: new Lines(),
      now,
    });
  });
  afterEach(() => store.close());

  async function sent(
    over: Partial<NewJob> = {},
    ...facts: (EventFacts & Partial<JobEvent>)[]
  ): Promise<NewJob> {
    const job = newJob({ createdAt: new Date(now()).toISOString(), ...over });
    await store.accept([job]);
    await store.takeUndispatched('k', 100, minuteMs);
    await store.markDispatched([job.id], 'k');
    const at = new Date(now()).toISOString();
    await store.project(facts.map((one) => event(job, { at, ...one })));
    return job;
  }

  async function looks(count: number): Promise<number[]> {
    const found: number[] = [];
    for (let at = 0; at < count; at++) found.push(await reconciler.look());
    return found;
  }

  const isToBeSent = async (): Promise<boolean> =>
    (await store.takeUndispatched('k', 100, minuteMs)).length > 0;

  it('sends a job again that was missing at three looks in a row', async () => {
    await sent();
    ahead = 11 * minuteMs;
    expect(await looks(2)).toEqual([0, 0]);
    expect(await isToBeSent()).toBe(false);
    expect(await looks(2)).toEqual([1, 0]);
    expect(await isToBeSent()).toBe(true);
  });

  it('sends a job again that ran when its broker lost it, as its next attempt', async () => {
    await sent({}, { kind: 'started' });
    ahead = 11 * minuteMs;
    expect(await looks(3)).toEqual([0, 0, 1]);
    expect(await store.takeUndispatched('k', 100, minuteMs)).toMatchObject([{ attempt: 2, release: 1 }]);
  });

  it('lets a job alone of which something happened in the last ten minutes', async () => {
    await sent();
    ahead = 9 * minuteMs;
    expect(await looks(4)).toEqual([0, 0, 0, 0]);
  });

  it('lets a job alone that waits for its retry, or was due a moment ago', async () => {
    const nextAttemptAt = new Date(now() + 5 * minuteMs).toISOString();
    await sent({}, { kind: 'started' }, { kind: 'retrying', error: failure, nextAttemptAt });
    ahead = 14 * minuteMs;
    expect(await looks(4)).toEqual([0, 0, 0, 0]);
    ahead = 16 * minuteMs;
    expect(await looks(3)).toEqual([0, 0, 1]);
  });

  it('lets jobs alone while some wait in their lane, whoever is idle for a moment', async () => {
    await sent();
    ahead = 60 * minuteMs;
    for (const ready of [7, 6, 8, 7, 9, 8]) {
      waiting['video.transcode'] = ready;
      expect(await looks(1)).toEqual([0]);
    }
    idle = false;
    expect(await looks(6)).toEqual([0, 0, 0, 0, 0, 0]);
    waiting = { 'image.resize': 5, 'video.transcode.low': 5 };
    expect(await looks(3)).toEqual([0, 0, 1]);
  });

  it('sends a job again in whose lane the same number waits for idle workers from look to look, and gives it time then', async () => {
    await sent();
    ahead = 11 * minuteMs;
    waiting['video.transcode'] = 3;
    expect(await looks(2)).toEqual([0, 0]);
    idle = false;
    expect(await looks(1)).toEqual([0]);
    idle = true;
    expect(await looks(4)).toEqual([0, 0, 0, 1]);
    await store.takeUndispatched('k', 100, minuteMs);
    await store.markDispatched([(await store.list({ limit: 1 }))[0]!.id], 'k');
    expect(await looks(5)).toEqual([0, 0, 0, 0, 0]);
    ahead = 22 * minuteMs;
    expect(await looks(5)).toEqual([0, 0, 0, 1, 0]);
  });

  it('lets a job alone that a worker runs, however long, and begins to count anew', async () => {
    const job = await sent({}, { kind: 'started' });
    ahead = 600 * minuteMs;
    expect(await looks(2)).toEqual([0, 0]);
    held.add(job.id);
    expect(await looks(1)).toEqual([0]);
    held.clear();
    expect(await looks(3)).toEqual([0, 0, 1]);
  });

  it('lets what has ended alone', async () => {
    await sent({}, { kind: 'succeeded', result: {}, assets: [] });
    ahead = 60 * minuteMs;
    expect(await looks(4)).toEqual([0, 0, 0, 0]);
  });
});

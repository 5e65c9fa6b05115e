import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Presence, queuesOf, type Transport } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { type EmptyDatabase, emptySqlite } from '../store/databases.fixtures.js';
import { type JobStore, openJobStore } from '../store/index.js';
import { event, newJob } from '../store/job-store.fixtures.js';
import { presence } from '../workers/presence.fixtures.js';
import { WorkerRegister } from '../workers/worker-register.js';
import type { Waiting } from './cause-of-waiting.js';
import { JobWhy } from './job-why.js';

const type = 'video.transcode';
const failure = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };

describe('why a job is not running', () => {
  let database: EmptyDatabase;
  let store: JobStore;
  let transport: Transport;
  let register: WorkerRegister;
  let why: JobWhy;
  let now = Date.now();

  beforeEach(async () => {
    now = Date.now();
    database = await emptySqlite();
    store = await openJobStore(database.url);
    transport = await createTransport('embedded:', 'gateway');
    await transport.connect(queuesOf(type));
    register = new WorkerRegister({
      store: store.control,
      logger: { info: () => {}, warn: () => {}, error: () => {} },
      now: () => now,
    });
    why = new JobWhy({ store, transport, workers: () => register.all() });
  });
  afterEach(async () => {
    await register.close();
    await transport.close();
    await store.close();
    await database.remove();
  });

  const worker = (over: Partial<Presence> = {}): void => register.hear(presence({ concurrency: 1, ...over }));
  async function accepted(over: Parameters<typeof newJob>[0] = {}): Promise<string> {
    const job = newJob(over);
    await store.accept([job]);
    return job.id;
  }
  async function dispatched(over: Parameters<typeof newJob>[0] = {}): Promise<string> {
    const id = await accepted(over);
    await store.takeUndispatched('keeper', 100, 60_000);
    await store.markDispatched([id], 'keeper');
    return id;
  }
  async function starts(id: string, name = presence().name): Promise<void> {
    await store.project([event({ id, type }, { kind: 'started' })].map((one) => ({ ...one, worker: name })));
  }
  const of = async (id: string): Promise<Waiting> => why.of((await store.get(id))!);

  it('is that it has ended', async () => {
    const id = await accepted();
    await store.project([event({ id, type }, { kind: 'cancelled' })]);
    expect(await of(id)).toEqual({
      cause: 'finished',
      message: 'the job has been cancelled',
      unblock: 'nothing: it has ended; submit a new job to do the work again',
    });
  });

  it('is nothing at all: it runs', async () => {
    const id = await accepted();
    await starts(id);
    expect(await of(id)).toEqual({
      cause: 'running',
      message: 'the job runs in video-worker@here:1, attempt 1 of 3',
      unblock: 'nothing: it does not wait',
    });
  });

  it('is that it is to wait for its time', async () => {
    const dueAt = new Date(Date.now() + 3_600_000).toISOString();
    expect(await of(await accepted({ dueAt }))).toEqual({
      cause: 'not-due',
      message: `the job is to be queued at ${dueAt}`,
      unblock: 'that moment, by itself; cancel it and submit it anew to run it earlier',
      until: dueAt,
    });
  });

  it('is the wait before its next attempt', async () => {
    const id = await accepted();
    const nextAttemptAt = new Date(Date.now() + 60_000).toISOString();
    await store.project([
      event({ id, type }, { kind: 'started' }),
      event({ id, type }, { kind: 'retrying', error: failure, nextAttemptAt }),
    ]);
    expect(await of(id)).toEqual({
      cause: 'retry-wait',
      message: `attempt 1 of 3 failed (handler.failed: no luck); the next begins at ${nextAttemptAt}`,
      unblock: 'that moment, by itself',
      until: nextAttemptAt,
    });
  });

  it('is that the broker is away', async () => {
    const id = await accepted();
    worker();
    await transport.close();
    expect(await of(id)).toEqual({
      cause: 'broker-away',
      message: 'the gateway cannot reach the broker; the job is stored and loses nothing but time',
      unblock: 'bring the broker back, or correct BROKER_URL; /health/ready says what is wrong',
    });
  });

  it('is that its queue is paused, whoever is there', async () => {
    const id = await dispatched();
    worker();
    await store.control.changeQueue(type, { paused: true });
    expect(await of(id)).toEqual({
      cause: 'queue-paused',
      message: 'the queue video.transcode is paused',
      unblock: 'resume it: POST /v1/queues/video.transcode/resume',
    });
  });

  it('is that no worker is there that does it', async () => {
    const id = await dispatched();
    worker({ name: 'image-worker@here:2', jobTypes: ['image.resize'] });
    worker({ name: 'video-worker@here:3', state: 'stopped' });
    worker({ name: 'video-worker@here:4' });
    now += 12_001;
    expect(await of(id)).toEqual({
      cause: 'no-worker',
      message: 'no worker that does video.transcode was heard in the last seconds',
      unblock: 'start one; GET /v1/workers shows which were lost or stopped',
    });
  });

  it('is that every worker that does it is drained', async () => {
    const id = await dispatched();
    worker({ state: 'drained' });
    worker({ name: 'video-worker@here:2', state: 'draining' });
    expect(await of(id)).toEqual({
      cause: 'workers-drained',
      message: 'every worker that does video.transcode is drained: video-worker@here:1, video-worker@here:2',
      unblock: 'resume one: POST /v1/workers/{id}/resume; or start another',
    });
  });

  it('is that it is about to be sent', async () => {
    const id = await accepted();
    worker();
    expect(await of(id)).toEqual({
      cause: 'dispatching',
      message: 'the job is stored and about to be sent to the broker',
      unblock: 'a moment, by itself',
    });
  });

  it('is that all workers are busy, and who goes before it', async () => {
    worker({ concurrency: 2 });
    const [one, two] = [await dispatched(), await dispatched()];
    for (const id of [one, two]) await starts(id);
    const first = await dispatched();
    await dispatched({ priority: 'high' });
    const low = await dispatched({ priority: 'low' });
    const second = await dispatched();
    const busy = {
      cause: 'workers-busy',
      unblock: 'a slot that falls free; more concurrency (PUT /v1/workers/{id}/concurrency), or more workers',
    };
    const slots = 'all slots for video.transcode are busy: 2 in 1 worker';
    expect(await of(first)).toEqual({
      ...busy,
      message: `${slots}; 1 go before it`,
      position: 1,
      ahead: 1,
    });
    expect(await of(second)).toMatchObject({ ...busy, position: 2, ahead: 2 });
    expect(await of(low)).toMatchObject({ ...busy, position: 1, ahead: 3 });
  });

  it('is the rate of its queue, when slots are free', async () => {
    worker();
    await store.control.changeQueue(type, { perMinute: 2 });
    const id = await dispatched();
    expect(await of(id)).toEqual({
      cause: 'rate-limited',
      message: 'the queue video.transcode starts 2 jobs a minute; 0 go before it',
      unblock: 'its turn, by itself; or a higher limit: PUT /v1/queues/video.transcode/rate',
      position: 1,
      ahead: 0,
    });
  });

  it('is only that it is on its way to a free worker', async () => {
    worker();
    expect(await of(await dispatched())).toMatchObject({
      cause: 'dispatching',
      message: 'a worker has a free slot; the job is on its way to it',
    });
  });
});

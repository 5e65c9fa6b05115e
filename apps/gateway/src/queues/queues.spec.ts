import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  openGateway,
  type ProblemBody,
  type TestGateway,
  until as untilWithin,
} from '../gateway.fixtures.js';
import type { JobView } from '../jobs/job-view.js';
import { type EmbeddedWorker, startEmbeddedWorker } from '../workers/embedded-worker.fixtures.js';
import type { WorkerView } from '../workers/worker-view.js';
import type { QueueView } from './queue-view.js';

const name = 'image.resize';
const job = {
  type: name,
  payload: { source: 'https://example.com/a.png', variants: [{ name: 'a', format: 'png' }] },
};

/** Generous: machines differ, and only what never happens waits so long. */
const until = (what: string, holds: () => boolean | Promise<boolean>): Promise<void> =>
  untilWithin(what, holds, 25_000);

let gateway: TestGateway;
const workers: EmbeddedWorker[] = [];
beforeAll(async () => void (gateway = await openGateway()));
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await gateway.close();
});

async function worker(concurrency = 1): Promise<EmbeddedWorker> {
  const started = await startEmbeddedWorker({ concurrency });
  workers.push(started);
  return started;
}
async function leave(): Promise<void> {
  await Promise.all(workers.splice(0).map((one) => one.stop()));
}
async function submit(count = 1, options: object = {}): Promise<JobView[]> {
  const jobs = Array.from({ length: count }, () => ({ ...job, options }));
  return (await gateway.post<{ items: JobView[] }>('/v1/jobs/batch', { jobs })).body.items;
}
const queue = async (): Promise<QueueView> => (await gateway.get<QueueView>(`/v1/queues/${name}`)).body;
const put = <T = QueueView>(path: string, body: unknown) =>
  gateway.call<T>('PUT', path, {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
const post = <T = QueueView>(path: string, body: unknown = {}) => gateway.post<T>(path, body);
const statusOf = async (id: string): Promise<string> =>
  (await gateway.get<JobView>(`/v1/jobs/${id}`)).body.status;
async function purge(): Promise<number> {
  const { body } = await post<{ cancelled: number }>(`/v1/queues/${name}/purge`, { confirm: name });
  return body.cancelled;
}

beforeEach(async () => {
  await post(`/v1/queues/${name}/resume`);
  await put(`/v1/queues/${name}/rate`, { perMinute: null });
  await leave();
  // Again where need be: what a worker has just handed back is told of a moment later.
  await until('the queue is empty', async () => (await purge()) === 0 && (await queue()).ready === 0);
});

describe('the queues', () => {
  it('are one for each job type, with what waits, runs and is dead', async () => {
    const one = await worker(2);
    await submit(3);
    await submit(2, { priority: 'low' });
    await until('two run', () => one.started.length === 2);
    await until('the others wait', async () => (await queue()).ready === 3);
    const { status, body } = await gateway.get<{ items: QueueView[]; broker: string }>('/v1/queues');
    expect([status, body.broker]).toEqual([200, 'up']);
    expect(body.items.map((each) => each.name)).toEqual(
      expect.arrayContaining(['image.resize', 'video.transcode', 'video.thumbnails']),
    );
    expect(body.items.find((each) => each.name === name)).toEqual({
      name,
      ready: 3,
      inFlight: 2,
      deadLettered: 0,
      workers: 1,
      paused: false,
      ratePerMinute: null,
      oldestSeconds: expect.any(Number),
      oldestAt: expect.any(String),
      lanes: { high: 0, normal: 1, low: 2 },
    });
    one.finishAll();
  });

  it('say how long the first job waits', async () => {
    await submit();
    await until('it waits for a second', async () => (await queue()).oldestSeconds >= 1);
  });

  it('start nothing while paused, go on with what runs, and start again when resumed', async () => {
    const one = await worker(2);
    const [running] = await submit();
    await until('it runs', () => one.started.length === 1);
    expect((await post(`/v1/queues/${name}/pause`)).body).toMatchObject({ name, paused: true });
    const [waiting] = await submit();
    const late = await worker(5);
    await until('the late one is seen', async () => (await queue()).workers === 2);
    one.finish();
    await until('what ran has ended', async () => (await statusOf(running!.id)) === 'succeeded');
    expect([one.started, late.started]).toEqual([[running!.id], []]);
    expect(await queue()).toMatchObject({ ready: 1, inFlight: 0, paused: true });
    expect((await post(`/v1/queues/${name}/resume`)).body).toMatchObject({ paused: false });
    await until('it runs', () => [...one.started, ...late.started].includes(waiting!.id));
  });

  it('end all that waits as cancelled when purged, and nothing else', async () => {
    const one = await worker();
    const [running] = await submit();
    await until('it runs', () => one.started.length === 1);
    const waiting = await submit(600);
    const [later] = await submit(1, { delaySeconds: 3_600 });
    await until('they are dispatched', async () => (await queue()).ready === 600);
    expect(await purge()).toBe(600);
    await until('the broker has none of them', async () => (await queue()).ready === 0);
    const some = waiting.filter((_, i) => i % 20 === 0);
    const statuses = await Promise.all(some.map(({ id }) => statusOf(id)));
    expect(new Set(statuses)).toEqual(new Set(['cancelled']));
    expect([await statusOf(running!.id), await statusOf(later!.id)]).toEqual(['running', 'scheduled']);
    const { body } = await gateway.get<{ items: { kind: string }[] }>(`/v1/jobs/${waiting[0]!.id}/history`);
    expect(body.items.map(({ kind }) => kind)).toEqual(['queued', 'cancelled']);
    one.finish();
    await until('what ran has ended', async () => (await statusOf(running!.id)) === 'succeeded');
    const [next] = await submit();
    await until('the next one runs', () => one.started.length === 2);
    expect(one.started).toEqual([running!.id, next!.id]);
  });

  it('lose no job that comes while they are purged', async () => {
    await submit(300);
    const [cancelled, later] = await Promise.all([purge(), submit(50)]);
    const one = await worker(10);
    one.finishAll();
    const ended = async (): Promise<boolean> =>
      (await Promise.all(later.map(({ id }) => statusOf(id)))).every((status) =>
        ['succeeded', 'cancelled'].includes(status),
      );
    await until('each has ended one way or the other', ended);
    expect(cancelled).toBeGreaterThanOrEqual(300);
  });

  it('are not purged without their name', async () => {
    const answer = await gateway.post<ProblemBody>(`/v1/queues/${name}/purge`, { confirm: 'image' });
    expect([answer.status, answer.body.code]).toEqual([422, 'queue.unconfirmed']);
    const empty = await gateway.post<ProblemBody>(`/v1/queues/${name}/purge`, {});
    expect([empty.status, empty.body.errors?.[0]?.path]).toEqual([422, 'confirm']);
  });

  it('start no more in a minute than they may, over all workers', async () => {
    await put(`/v1/queues/${name}/rate`, { perMinute: 600 });
    const both = [await worker(20), await worker(20)];
    for (const one of both) one.finishAll();
    await until('both are seen', async () => (await queue()).workers === 2);
    const counted = (): number => both.reduce((sum, one) => sum + one.started.length, 0);
    await submit(300);
    const from = performance.now();
    const before = counted();
    await until('forty were started', () => counted() >= before + 40);
    const seconds = (performance.now() - from) / 1_000;
    // Ten a second; each worker may have saved up half a second's worth.
    expect(seconds).toBeGreaterThan(2.5);
    expect((await put(`/v1/queues/${name}/rate`, { perMinute: null })).body).toMatchObject({
      ratePerMinute: null,
    });
    await until('all are done', () => counted() >= 300);
  });

  it.each([{}, { perMinute: 0 }, { perMinute: 'ten' }, { perMinute: 1e9 }, { perMinute: 1, more: 1 }, []])(
    'take no rate of %j',
    async (body) => {
      const { status } = await put(`/v1/queues/${name}/rate`, body);
      expect(status).toBe(422);
    },
  );

  it('that do not exist are not found', async () => {
    const answers = await Promise.all([
      gateway.get<ProblemBody>('/v1/queues/no.such'),
      gateway.post<ProblemBody>('/v1/queues/no.such/pause', {}),
      gateway.post<ProblemBody>('/v1/queues/no.such/purge', { confirm: 'no.such' }),
      put<ProblemBody>('/v1/queues/no.such/rate', { perMinute: 1 }),
    ]);
    for (const { status, body } of answers) {
      expect([status, body.code]).toEqual([404, 'queue.not_found']);
      expect(body.detail).toContain(name);
    }
  });

  it('leave a trail of who did what', async () => {
    await post(`/v1/queues/${name}/pause`);
    await put(`/v1/queues/${name}/rate`, { perMinute: 90 });
    await purge();
    const { body } = await gateway.get<{ items: { action: string }[]; nextCursor?: string }>('/v1/audit');
    expect(body.items.slice(0, 3)).toEqual([
      expect.objectContaining({
        who: 'local',
        action: 'queue.purge',
        target: name,
        detail: { cancelled: 0 },
      }),
      expect.objectContaining({ action: 'queue.rate', detail: { perMinute: 90 } }),
      expect.objectContaining({ action: 'queue.pause', target: name, detail: {} }),
    ]);
    expect((await gateway.get<ProblemBody>('/v1/audit?cursor=x')).status).toBe(400);
  });
});

describe('the workers', () => {
  const listed = async (id: string): Promise<WorkerView | undefined> =>
    (await gateway.get<{ items: WorkerView[] }>('/v1/workers')).body.items.find((one) => one.id === id);
  const path = (id: string, verb: string): string => `/v1/workers/${encodeURIComponent(id)}/${verb}`;

  it('are shown with what they are and do', async () => {
    const one = await worker(3);
    await until('it is there', async () => (await listed(one.name)) !== undefined);
    expect(await listed(one.name)).toEqual({
      id: one.name,
      app: 'video-worker',
      status: 'running',
      host: 'here',
      pid: 1,
      version: '1.0.0',
      startedAt: expect.any(String),
      lastSeenAt: expect.any(String),
      jobTypes: [name],
      concurrency: 3,
      busy: 0,
      running: [],
      cpuPercent: 1,
      rssBytes: 2,
      eventLoopLagMs: 3,
    });
  });

  it('are drained, and resumed', async () => {
    const one = await worker(2);
    await until('it is there', async () => (await listed(one.name)) !== undefined);
    const [running] = await submit();
    await until('it runs', () => one.started.length === 1);
    const draining = await post<WorkerView>(path(one.name, 'drain'));
    expect([draining.status, draining.body.status, draining.body.busy]).toEqual([200, 'draining', 1]);
    expect(draining.body.running).toEqual([
      { jobId: running!.id, type: name, attempt: 1, startedAt: expect.any(String) },
    ]);
    const [waiting] = await submit();
    one.finish();
    await until('it is drained', async () => (await listed(one.name))?.status === 'drained');
    expect(one.started).toEqual([running!.id]);
    expect(await queue()).toMatchObject({ workers: 0, ready: 1 });
    expect((await post<WorkerView>(path(one.name, 'resume'))).body.status).toBe('running');
    await until('it goes on', () => one.started.includes(waiting!.id));
  });

  it('run more and fewer jobs at a time', async () => {
    const one = await worker(1);
    await until('it is there', async () => (await listed(one.name)) !== undefined);
    await submit(8);
    await until('one runs', () => one.started.length === 1);
    const resized = await put<WorkerView>(path(one.name, 'concurrency'), { concurrency: 4 });
    expect([resized.status, resized.body.concurrency]).toEqual([200, 4]);
    await until('four run', () => one.started.length === 4);
    expect((await put<WorkerView>(path(one.name, 'concurrency'), { concurrency: 2 })).status).toBe(200);
    one.finish();
    await until('two more run', () => one.started.length === 6);
    one.finishAll();
    for (const wrong of [0, 1_001, 1.5, '2', null])
      expect((await put(path(one.name, 'concurrency'), { concurrency: wrong })).status).toBe(422);
  });

  it('that have said goodbye hear nothing more', async () => {
    const one = await worker();
    await until('it is there', async () => (await listed(one.name)) !== undefined);
    await leave();
    await until('it has stopped', async () => (await listed(one.name))?.status === 'stopped');
    const answer = await gateway.post<ProblemBody>(path(one.name, 'drain'), {});
    expect([answer.status, answer.body.code]).toEqual([409, 'worker.stopped']);
    const unknown = await gateway.post<ProblemBody>(path('nobody@nowhere:1', 'drain'), {});
    expect([unknown.status, unknown.body.code]).toEqual([404, 'worker.not_found']);
  });
});

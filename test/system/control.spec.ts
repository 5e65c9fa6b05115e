import { expect } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import { openJobStore } from '../../apps/gateway/src/store/open-job-store.js';
import type { Job } from '../support/api.js';
import { phoneClip, smallPicture } from '../support/media.js';
import { HeavyliftProcess } from '../support/process.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenBrokers, settingsOf, startSystem, type System } from '../support/system.js';

const limitMs = 240_000;
/** A worker is silent for 25 seconds, counted from its last word, before it is taken for lost. */
const lostWithinMs = 30_000;

interface Queue {
  readonly name: string;
  readonly ready: number;
  readonly inFlight: number;
  readonly workers: number;
  readonly paused: boolean;
}

interface SeenWorker {
  readonly id: string;
  readonly app: string;
  readonly pid: number;
  readonly status: string;
  readonly concurrency: number;
  readonly running: readonly { readonly jobId: string }[];
}

describeSideBySide(chosenBrokers, 'an operator on %s', (broker, { beforeAll, afterAll, it }) => {
  let system: System;
  let clip: string;
  let picture: string;
  let killed: { readonly pid: number; readonly atMs: number };
  const front = broker === 'embedded' ? 'standalone' : 'gateway';
  const holder = (app: string): string => (broker === 'embedded' ? 'standalone' : app);

  beforeAll(async () => {
    system = await startSystem(broker, { CONCURRENCY: '1' });
    clip = (await system.api.postFile<{ id: string }>('/v1/assets', await phoneClip(20))).body.id;
    picture = (await system.api.postFile<{ id: string }>('/v1/assets', await smallPicture())).body.id;
    killed = await killOne();
  }, limitMs);
  afterAll(() => system?.stop(), limitMs);

  const until = (what: string, holds: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> =>
    waitUntil(what, holds, { timeoutMs, everyMs: 100 });
  const workers = async (): Promise<SeenWorker[]> =>
    (await system.api.get<{ items: SeenWorker[] }>('/v1/workers')).body.items;
  const workerOf = async (app: string): Promise<SeenWorker | undefined> =>
    (await workers()).find((one) => one.app === app && one.pid === system.processes[holder(app)]!.pid);
  const queue = async (name: string): Promise<Queue> =>
    (await system.api.get<Queue>(`/v1/queues/${name}`)).body;
  const why = async (id: string): Promise<string> =>
    (await system.api.get<{ cause: string }>(`/v1/jobs/${id}/why`)).body.cause;
  const becomes = (id: string, status: string): Promise<void> =>
    until(`job ${id} is ${status}`, async () => {
      return (await system.api.get<Job>(`/v1/jobs/${id}`)).body.status === status;
    });
  const submit = async (type: string, payload: object): Promise<string> =>
    (await system.api.post('/v1/jobs', { type, payload })).body.id;
  const aResize = () => ({
    type: 'image.resize',
    payload: { source: picture, variants: [{ name: 'a', width: 32, format: 'png' }] },
  });
  const resize = async () => (await system.api.post('/v1/jobs', aResize())).body.id;
  const still = () => submit('video.thumbnails', { source: clip, width: 64 });
  const long = () => submit('video.transcode', { source: clip, format: 'webm', crf: 5 });
  const cancel = (id: string) => system.api.post(`/v1/jobs/${id}/cancel`, {});

  /** One more worker, which dies without a word; where all is one process, that one, followed by another. */
  async function killOne(): Promise<typeof killed> {
    const settings = settingsOf({ folder: system.folder, brokerUrl: system.brokerUrl });
    const doomed =
      broker === 'embedded'
        ? system.processes[front]!
        : await HeavyliftProcess.start('image-worker', settings);
    const { pid } = doomed;
    const store = await openJobStore(`sqlite:${system.folder}/heavylift.db`);
    const isSaved = async (): Promise<boolean> =>
      (await store.control.workers()).some(({ presence }) => presence.pid === pid);
    await until('it is seen, and saved', isSaved).finally(() => store.close());
    await doomed.kill();
    if (broker === 'embedded') await system.restart(front);
    return { pid, atMs: Date.now() };
  }

  /** Tells a worker something; resolves once the worker shows that it follows. */
  async function steer(app: string, verb: string, body: object, shows: object): Promise<void> {
    const { id } = (await workerOf(app))!;
    const method = verb === 'concurrency' ? 'PUT' : 'POST';
    const { status } = await system.api.call(method, `/v1/workers/${id}/${verb}`, body);
    // 202: it was told, and did not say within two seconds that it follows.
    expect([200, 202]).toContain(status);
    await until('it follows', async () => {
      expect(await workerOf(app)).toMatchObject(shows);
      return true;
    });
  }

  it(
    'pauses a queue: obeyed by a worker that begins later, and after a restart of the gateway',
    async () => {
      await system.api.post('/v1/queues/image.resize/pause', {});
      await system.processes[front]!.kill();
      await system.restart(front);
      if (broker !== 'embedded') {
        await system.processes['image-worker']!.stop();
        await system.restart('image-worker');
      }
      await until('the new worker is there', async () => (await workerOf('image-worker')) !== undefined);
      expect(await queue('image.resize')).toMatchObject({ paused: true });
      const paused = await resize();
      await until('it waits in the broker', async () => (await queue('image.resize')).ready === 1);
      expect(await system.api.finished(await still(), limitMs)).toMatchObject({ status: 'succeeded' });
      expect((await system.api.get<Job>(`/v1/jobs/${paused}`)).body.status).toBe('queued');
      expect(await why(paused)).toBe('queue-paused');
      await system.api.post('/v1/queues/image.resize/resume', {});
      expect(await system.api.finished(paused, limitMs)).toMatchObject({ status: 'succeeded', attempt: 1 });
    },
    limitMs,
  );

  it(
    'drains a worker, which finishes what runs and stays, and resumes it',
    async () => {
      await until('it is there', async () => (await workerOf('video-worker')) !== undefined);
      const running = await long();
      await becomes(running, 'running');
      const waiting = await still();
      await until('it says why', async () => (await why(waiting)) === 'workers-busy');
      const draining = { status: 'draining', running: [{ jobId: running }] };
      await steer('video-worker', 'drain', {}, draining);
      await cancel(running);
      await until('it is drained', async () => (await workerOf('video-worker'))?.status === 'drained');
      expect(await why(waiting)).toBe('workers-drained');
      await steer('video-worker', 'resume', {}, { status: 'running' });
      expect(await system.api.finished(waiting, limitMs)).toMatchObject({ status: 'succeeded', attempt: 1 });
    },
    limitMs,
  );

  it(
    'lets a worker run more jobs at a time, and fewer',
    async () => {
      const jobs = [await long(), await long()];
      await becomes(jobs[0]!, 'running');
      await steer('video-worker', 'concurrency', { concurrency: 2 }, { concurrency: 2 });
      await becomes(jobs[1]!, 'running');
      await steer('video-worker', 'concurrency', { concurrency: 1 }, { concurrency: 1, busy: 2 });
      for (const id of jobs) await cancel(id);
      await until('nothing runs', async () => (await queue('video.transcode')).inFlight === 0);
    },
    limitMs,
  );

  it(
    'purges a queue: what waits is cancelled, and gone from the broker',
    async () => {
      await system.api.post('/v1/queues/video.thumbnails/pause', {});
      const waiting: string[] = [];
      for (let n = 0; n < 20; n++) waiting.push(await still());
      await until('they wait', async () => (await queue('video.thumbnails')).ready === 20);
      const purged = await system.api.post('/v1/queues/video.thumbnails/purge', {
        confirm: 'video.thumbnails',
      });
      expect(purged).toMatchObject({ status: 200, body: { cancelled: 20 } });
      for (const id of waiting)
        expect((await system.api.get<Job>(`/v1/jobs/${id}`)).body.status).toBe('cancelled');
      await until('the broker has none', async () => (await queue('video.thumbnails')).ready === 0);
      await system.api.post('/v1/queues/video.thumbnails/resume', {});
      expect(await system.api.finished(await still(), limitMs)).toMatchObject({ status: 'succeeded' });
    },
    limitMs,
  );

  it(
    'limits how many jobs start in a minute',
    async () => {
      await until('it is there', async () => (await queue('image.resize')).workers === 1);
      const limit = (perMinute: number | null) =>
        system.api.call('PUT', '/v1/queues/image.resize/rate', { perMinute });
      await limit(1);
      const jobs = Array.from({ length: 19 }, () => aResize());
      const { body } = await system.api.post<{ items: Job[] }>('/v1/jobs/batch', { jobs });
      const ids = body.items.map(({ id }) => id);
      await until('it says why', async () => (await why(ids.at(-1)!)) === 'rate-limited');
      await limit(180);
      const done = await Promise.all(ids.map((id) => system.api.finished(id, limitMs)));
      const starts = done
        .map((job) => Date.parse((job as Job & { startedAt: string }).startedAt))
        .toSorted((a, b) => a - b);
      // Three a second: six seconds, less what was saved up, and what began before the worker had heard of any limit.
      expect(starts.at(-1)! - starts[0]!).toBeGreaterThan(3_000);
      await limit(null);
    },
    limitMs,
  );

  it(
    'sees within 30 seconds that a worker was lost',
    async () => {
      const isLost = async (): Promise<boolean> =>
        (await workers()).filter(({ pid }) => pid === killed.pid).every(({ status }) => status === 'lost');
      const leftMs = killed.atMs + lostWithinMs - Date.now();
      // A gateway that has just begun, as in a case before, takes nobody's silence for anything for 12 seconds.
      await until('it is lost', isLost, Math.max(40_000, leftMs));
      expect((await workers()).some(({ pid }) => pid === killed.pid)).toBe(true);
      expect((await workerOf('image-worker'))?.status).toBe('running');
    },
    limitMs,
  );

  it('finds all that was done in the audit trail', async () => {
    const { body } = await system.api.get<{ items: { action: string }[] }>('/v1/audit');
    const steering = body.items.map(({ action }) => action).filter((action) => !action.startsWith('job.'));
    expect(steering.toReversed()).toEqual([
      'queue.pause',
      'queue.resume',
      'worker.drain',
      'worker.resume',
      'worker.resize',
      'worker.resize',
      'queue.pause',
      'queue.purge',
      'queue.resume',
      'queue.rate',
      'queue.rate',
      'queue.rate',
    ]);
    expect(body.items.filter(({ action }) => action === 'job.cancel')).toHaveLength(3);
  });
});

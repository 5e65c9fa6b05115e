import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Job } from '../support/api.js';
import { phoneClip, phonePhoto } from '../support/media.js';
import { commandLine, isAlive } from '../support/process-facts.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const limitMs = 240_000;

async function until(what: string, holds: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.each(chosenBrokers)('steering jobs on %s', (broker) => {
  let system: System;
  let clip: string;
  let photo: string;
  /** FFmpeg, and what it has started. */
  const ffmpegs = (): number[] => {
    const { children } = system.processes[broker === 'embedded' ? 'standalone' : 'video-worker']!;
    return children.filter((pid) => /ffmpeg/.test(commandLine(pid)));
  };
  const isRunning = (id: string) => async (): Promise<boolean> =>
    (await system.api.get<Job>(`/v1/jobs/${id}`)).body.status === 'running';
  const kindsOf = async (id: string): Promise<string[]> => {
    const { body } = await system.api.get<{ items: { kind: string }[] }>(`/v1/jobs/${id}/history`);
    return body.items.map((item) => item.kind).filter((kind) => kind !== 'progressed');
  };
  const longJob = () =>
    system.api.post('/v1/jobs', {
      type: 'video.transcode',
      payload: { source: clip, format: 'webm', crf: 5 },
    });
  const shortJob = (options: object = {}, headers: Record<string, string> = {}) =>
    system.api.call<Job>(
      'POST',
      '/v1/jobs',
      {
        type: 'image.resize',
        payload: { source: photo, variants: [{ name: 'a', width: 64, format: 'png' }] },
        options,
      },
      headers,
    );

  beforeAll(async () => {
    system = await startSystem(broker, { CONCURRENCY: '1' });
    clip = (await system.api.postFile<{ id: string }>('/v1/assets', await phoneClip(20))).body.id;
    photo = (await system.api.postFile<{ id: string }>('/v1/assets', await phonePhoto())).body.id;
  }, limitMs);
  afterAll(() => system?.stop(), limitMs);

  it(
    'a running transcode that is cancelled has ended at once, and its FFmpeg is gone',
    async () => {
      const tookMs: number[] = [];
      // Again if need be: the machine may have other things to do.
      while (tookMs.length < 3 && !tookMs.some((ms) => ms < 2_000)) tookMs.push(await cancelLongJob());
      expect(Math.min(...tookMs)).toBeLessThan(2_000);
    },
    limitMs,
  );

  /** How many milliseconds after its cancellation nothing of it runs any more. */
  async function cancelLongJob(): Promise<number> {
    const { body: job } = await longJob();
    await until('it runs', isRunning(job.id));
    await until('FFmpeg works', async () => ffmpegs().length > 0);
    const working = ffmpegs();
    const cancelledAt = Date.now();
    const cancelled = await system.api.post(`/v1/jobs/${job.id}/cancel`, {});
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    await until('all of FFmpeg is gone', async () => ![...working, ...ffmpegs()].some(isAlive));
    const tookMs = Date.now() - cancelledAt;
    const again = await system.api.post(`/v1/jobs/${job.id}/cancel`, {});
    expect(again).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await system.api.finished(job.id)).toMatchObject({ status: 'cancelled', result: null });
    return tookMs;
  }

  it(
    'a queued job that is cancelled never starts',
    async () => {
      const { body: running } = await longJob();
      await until('the first runs', isRunning(running.id));
      const { body: waiting } = await longJob();
      await system.api.post(`/v1/jobs/${waiting.id}/cancel`, {});
      await system.api.post(`/v1/jobs/${running.id}/cancel`, {});
      const { body: last } = await system.api.post('/v1/jobs', {
        type: 'video.thumbnails',
        payload: { source: clip, width: 64 },
      });
      expect(await system.api.finished(last.id, limitMs)).toMatchObject({ status: 'succeeded' });
      expect(await kindsOf(waiting.id)).toEqual(['queued', 'cancelled']);
    },
    limitMs,
  );

  it(
    'a job that has ended cannot be cancelled',
    async () => {
      const { body: job } = await shortJob();
      await system.api.finished(job.id);
      expect(await system.api.post(`/v1/jobs/${job.id}/cancel`, {})).toMatchObject({
        status: 409,
        body: { code: 'job.ended' },
      });
    },
    limitMs,
  );

  it(
    'a job of high priority overtakes those that wait',
    async () => {
      const { body: running } = await longJob();
      await until('the first runs', isRunning(running.id));
      const stills = (priority: string) =>
        system.api.post('/v1/jobs', {
          type: 'video.thumbnails',
          payload: { source: clip, width: 64 },
          options: { priority },
        });
      const jobs = [];
      for (const priority of ['low', 'low', 'normal', 'normal', 'high'])
        jobs.push((await stills(priority)).body);
      await system.api.post(`/v1/jobs/${running.id}/cancel`, {});
      const done = await Promise.all(jobs.map((job) => system.api.finished(job.id, limitMs)));
      const order = done.map((job) => job as Job & { priority: string; startedAt: string });
      const started = order
        .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
        .map((job) => job.priority);
      const lanes = ['high', 'normal', 'low'];
      const inOrder = (some: readonly string[]): boolean =>
        some.join() === some.toSorted((a, b) => lanes.indexOf(a) - lanes.indexOf(b)).join();
      // One round in eight begins a lane further down: then one job is early.
      const isInOrder = started.some((_, early) => inOrder(started.toSpliced(early, 1)));
      expect([started, isInOrder]).toEqual([started, true]);
    },
    limitMs,
  );

  it(
    'a request that comes again with its key makes no second job',
    async () => {
      const key = { 'idempotency-key': `key-${broker}` };
      const [first, second] = [await shortJob({}, key), await shortJob({}, key)];
      expect(second).toMatchObject({ status: 202, body: { id: first.body.id } });
      expect(await shortJob({ maxAttempts: 2 }, key)).toMatchObject({
        status: 422,
        body: { code: 'idempotency.key_reused' },
      });
      const fields = { variants: JSON.stringify([{ name: 'a', width: 64, format: 'png' }]) };
      const upload = async (file: string) => {
        const form = new FormData();
        form.append('variants', fields.variants);
        form.append('file', new Blob([await (await import('node:fs/promises')).readFile(file)]), 'photo.jpg');
        return system.api.call<Job>('POST', '/v1/images', form, key);
      };
      const [one, two] = [await upload(await phonePhoto()), await upload(await phonePhoto())];
      expect(two).toMatchObject({ status: 202, body: { id: one.body.id } });
      expect(await upload(await phonePhoto(400, 300))).toMatchObject({
        status: 422,
        body: { code: 'idempotency.key_reused' },
      });
      expect(await system.api.finished(one.body.id)).toMatchObject({ status: 'succeeded' });
    },
    limitMs,
  );

  it(
    'of many requests at once with one key, one makes the job',
    async () => {
      const key = { 'idempotency-key': `race-${broker}` };
      const answers = await Promise.all(Array.from({ length: 10 }, () => shortJob({}, key)));
      const made = answers.filter((answer) => answer.status === 202);
      expect(answers.every((answer) => answer.status === 202 || answer.status === 409)).toBe(true);
      expect(new Set(made.map((answer) => answer.body.id)).size).toBe(1);
    },
    limitMs,
  );
});

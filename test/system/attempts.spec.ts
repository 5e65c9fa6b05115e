import { expect } from '@jest/globals';
import type { Job } from '../support/api.js';
import { phoneClip } from '../support/media.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const limitMs = 180_000;

interface Happened {
  readonly kind: string;
  readonly attempt: number;
}

describeSideBySide(chosenBrokers, 'attempts on %s', (broker, { beforeAll, afterAll, it }) => {
  let system: System;
  let clip: string;
  const app = broker === 'embedded' ? 'standalone' : 'video-worker';

  beforeAll(async () => {
    system = await startSystem(broker, { CONCURRENCY: '1', DRAIN_TIMEOUT_SECONDS: '1' });
    clip = (await system.api.postFile<{ id: string }>('/v1/assets', await phoneClip(20))).body.id;
  }, limitMs);
  afterAll(() => system?.stop(), limitMs);

  const submit = async (type: string, payload: object): Promise<string> =>
    (await system.api.post('/v1/jobs', { type, payload: { source: clip, ...payload } })).body.id;
  const longJob = () => submit('video.transcode', { format: 'webm', crf: 5 });
  const shortJob = () => submit('video.thumbnails', { width: 64 });

  async function happened(id: string): Promise<Happened[]> {
    const { body } = await system.api.get<{ items: Happened[] }>(`/v1/jobs/${id}/history`);
    return body.items
      .filter(({ kind }) => kind !== 'progressed')
      .map(({ kind, attempt }) => ({ kind, attempt }));
  }

  async function untilStarted(id: string, times: number): Promise<void> {
    const deadline = Date.now() + 60_000;
    while ((await happened(id)).filter(({ kind }) => kind === 'started').length < times) {
      if (Date.now() > deadline)
        throw new Error(`job ${id} was not started ${times} times: ${JSON.stringify(await happened(id))}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it(
    'a job whose worker is killed again and again ends as a dead letter, and its neighbours are innocent',
    async () => {
      const killer = await longJob();
      const neighbours = [await shortJob(), await shortJob()];
      for (const attempt of [1, 2, 3]) {
        await untilStarted(killer, attempt);
        await system.processes[app]!.kill();
        await system.restart(app);
      }
      expect(await system.api.finished(killer, limitMs)).toMatchObject({
        status: 'failed',
        error: { code: 'worker.lost' },
      });
      for (const id of neighbours)
        expect(await system.api.finished(id, limitMs)).toMatchObject({ status: 'succeeded', attempt: 1 });
      const started = (await happened(killer)).filter(({ kind }) => kind === 'started');
      expect(started.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    },
    limitMs,
  );

  it(
    'a deploy hands the running job back within its limit, and burns no attempt',
    async () => {
      const job = await longJob();
      for (const times of [1, 2]) {
        await untilStarted(job, times);
        const stopping = Date.now();
        expect(await system.processes[app]!.stop()).toBe(0);
        expect(Date.now() - stopping).toBeLessThan(30_000);
        await system.restart(app);
      }
      await untilStarted(job, 3);
      expect((await happened(job)).filter(({ kind }) => kind !== 'queued')).toEqual([
        { kind: 'started', attempt: 1 },
        { kind: 'released', attempt: 1 },
        { kind: 'started', attempt: 1 },
        { kind: 'released', attempt: 1 },
        { kind: 'started', attempt: 1 },
      ]);
      const { body } = await system.api.get<Job>(`/v1/jobs/${job}`);
      expect(body).toMatchObject({ status: 'running', attempt: 1 });
      await system.api.post(`/v1/jobs/${job}/cancel`, {});
    },
    limitMs,
  );
});

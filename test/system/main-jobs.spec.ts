import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { Job } from '../support/api.js';
import { brokenClip, phoneClip, phonePhoto, textNamedMp4 } from '../support/media.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const run = promisify(execFile);
const limitMs = 180_000;
interface VideoResult {
  asset: string;
  width: number;
  height: number;
}
interface ImageResult {
  variants: { name: string; asset: string; width: number; height: number; bytes: number }[];
}
interface Problem {
  status: number;
  code: string;
  errors?: { path: string; message: string }[];
}

const variants = JSON.stringify([
  { name: 'small', width: 320, fit: 'inside', format: 'webp' },
  { name: 'card', width: 600, height: 400, fit: 'cover', format: 'jpeg' },
]);

/** What differs from run to run and from place to place, made the same. */
function withoutChance(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[\w.-]*/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/"worker":"(standalone|video-worker|image-worker)@[^"]+"/g, '"worker":"WORKER"')
    .replace(/(asset|video|image)-worker@[^"]+/g, 'WORKER');
  return JSON.parse(text);
}

const transcripts = new Map<string, unknown>();

describe.each(chosenBrokers)('the two main jobs on %s', (broker) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(broker);
  }, limitMs);
  afterAll(() => system?.stop(), limitMs);

  it('a phone clip becomes a 240p MP4', async () => {
    const { status, headers, body } = await system.api.postFile('/v1/videos', await phoneClip(), {
      format: 'mp4',
      height: '240',
    });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/jobs/${body.id}`);
    const job = await system.api.finished(body.id, limitMs);
    expect(job).toMatchObject({ status: 'succeeded', attempt: 1, progress: { percent: 100 } });
    const result = job.result as VideoResult;
    // Filmed upright: 720 wide and 1280 high.
    expect(result).toMatchObject({ width: 136, height: 240, videoCodec: 'h264', audioCodec: 'aac' });
    const { body: video, headers: facts } = await system.api.bytes(`/v1/assets/${result.asset}/content`);
    expect(facts.get('content-type')).toBe('video/mp4');
    const path = join(system.folder, 'out.mp4');
    await writeFile(path, video);
    const probe = await run('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name,width,height:format_tags',
      '-of',
      'json',
      path,
    ]);
    expect(probe.stdout).toContain('"height": 240');
    expect(probe.stdout).not.toContain('48.2082');
  }, 180_000);

  it(
    'a phone photo becomes smaller pictures, upright',
    async () => {
      const { status, body } = await system.api.postFile('/v1/images', await phonePhoto(), { variants });
      expect(status).toBe(202);
      const job = await system.api.finished(body.id, limitMs);
      expect(job.status).toBe('succeeded');
      const { variants: made } = job.result as ImageResult;
      // Taken lying on its side: 3000 wide and 4000 high when upright.
      expect(made).toMatchObject([
        { name: 'small', width: 320, height: 427 },
        { name: 'card', width: 600, height: 400 },
      ]);
      const { body: picture, headers } = await system.api.bytes(`/v1/assets/${made[0]!.asset}/content`);
      expect(headers.get('content-type')).toBe('image/webp');
      const { dominant } = await sharp(picture).extract({ left: 0, top: 0, width: 320, height: 200 }).stats();
      expect(dominant.r).toBeGreaterThan(dominant.b);
      expect((await sharp(picture).metadata()).exif).toBeUndefined();
    },
    limitMs,
  );

  it(
    'a result is the next job’s source',
    async () => {
      const clip = await system.api.postFile<{ id: string }>('/v1/assets', await phoneClip());
      const stills = await system.api.post('/v1/jobs', {
        type: 'video.thumbnails',
        payload: { source: clip.body.id, count: 2, width: 200 },
      });
      const { result } = await system.api.finished(stills.body.id, limitMs);
      const { assets } = result as { assets: { asset: string; atSeconds: number }[] };
      expect(assets).toHaveLength(2);
      const payload = { source: assets[0]!.asset, variants: [{ name: 'tiny', width: 50, format: 'png' }] };
      const next = await system.api.post('/v1/jobs', { type: 'image.resize', payload });
      expect(await system.api.finished(next.body.id, limitMs)).toMatchObject({ status: 'succeeded' });
    },
    limitMs,
  );

  it(
    'a job is followed from its first event to its end, and again from the middle',
    async () => {
      const { body } = await system.api.postFile('/v1/images', await phonePhoto(), { variants });
      const live = await system.api.follow(body.id);
      expect(live.kinds.filter((kind) => kind !== 'progressed')).toEqual([
        'queued',
        'started',
        'succeeded',
        'end',
      ]);
      const resumed = await system.api.follow(body.id, { 'last-event-id': String(live.ids[0]) });
      expect(resumed.ids).toEqual(live.ids.slice(1));
      const history = await system.api.get<{ items: { kind: string }[] }>(`/v1/jobs/${body.id}/history`);
      expect(history.body.items.map((item) => item.kind)).toEqual(live.kinds.slice(0, -1));
    },
    limitMs,
  );

  it(
    'wrong input gets a clear answer, and the next good job runs',
    async () => {
      const broken = await system.api.postFile('/v1/videos', await brokenClip(), {
        format: 'mp4',
        height: '240',
      });
      expect(broken.status).toBe(202);
      expect(await system.api.finished(broken.body.id)).toMatchObject({
        status: 'failed',
        attempt: 1,
        error: { retryable: false },
      });
      const text = await system.api.postFile<Problem>('/v1/videos', await textNamedMp4(), { format: 'mp4' });
      expect(text).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'payload.source', message: expect.stringContaining('text/plain') }] },
      });
      const unknown = await system.api.post<Problem>('/v1/jobs', { type: 'video.melt', payload: {} });
      expect(unknown).toMatchObject({ status: 422, body: { code: 'job.unknown_type' } });
      expect(JSON.stringify(unknown.body)).toContain('video.transcode, video.thumbnails, image.resize');
      const payload = { source: '../x', format: 'avi', height: 4 };
      const wrong = await system.api.post<Problem>('/v1/jobs', { type: 'video.transcode', payload });
      expect(wrong.status).toBe(422);
      expect([...new Set(wrong.body.errors?.map((error) => error.path))].sort()).toEqual([
        'payload.format',
        'payload.height',
        'payload.source',
      ]);
      const noJson = await system.api.call<Problem>('POST', '/v1/jobs', '{"type":', {
        'content-type': 'application/json',
      });
      expect(noJson).toMatchObject({
        status: 400,
        body: { code: 'body.invalid_json', title: 'Bad request' },
      });
      expect(noJson.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      const good = await system.api.postFile('/v1/images', await phonePhoto(), { variants });
      expect(await system.api.finished(good.body.id)).toMatchObject({ status: 'succeeded' });
    },
    limitMs,
  );

  it(
    'answers as on every other broker',
    async () => {
      const said: unknown[] = [];
      const keep = <T>(answer: { status: number; body: T }): T => {
        said.push({ status: answer.status, body: answer.body });
        return answer.body;
      };
      for (const [path, file, fields] of [
        ['/v1/videos', await phoneClip(), { format: 'mp4', height: '240' }],
        ['/v1/images', await phonePhoto(), { variants }],
      ] as const) {
        const { id } = keep(await system.api.postFile<Job>(path, file, fields));
        await system.api.finished(id, limitMs);
        keep(await system.api.get(`/v1/jobs/${id}`));
        const history = await system.api.get<{ items: { kind: string }[] }>(`/v1/jobs/${id}/history`);
        // How often progress is told depends on the moment; that it is, does not.
        said.push(
          history.body.items
            .filter((item) => item.kind !== 'progressed')
            .map(({ ...item }) => ({ ...item, seq: 0 })),
        );
      }
      keep(await system.api.post('/v1/jobs', { type: 'nothing', payload: {} }));
      keep(await system.api.get('/v1/jobs/00000000-0000-7000-8000-000000000000'));
      transcripts.set(broker, withoutChance(said));
      const [first] = transcripts.values();
      expect(transcripts.get(broker)).toEqual(first);
    },
    limitMs,
  );

  it('is ready and says so, and every process has its metrics', async () => {
    const { body } = await system.api.get<{ status: string; details: Record<string, { status: string }> }>(
      '/health/ready',
    );
    expect(body.status).toBe('ok');
    expect(Object.keys(body.details)).toEqual(expect.arrayContaining(['broker', 'database', 'storage']));
    for (const one of Object.values(system.processes)) {
      const metrics = await fetch(`${one.url}/metrics`);
      expect(await metrics.text()).toContain('process_resident_memory_bytes');
      expect((await fetch(`${one.url}/health/live`)).status).toBe(200);
    }
  });

  it(
    'ends cleanly on SIGTERM',
    async () => {
      const codes = await Promise.all(Object.values(system.processes).map((one) => one.stop()));
      expect(codes.every((code) => code === 0)).toBe(true);
    },
    limitMs,
  );
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '../store/index.js';
import { openGateway, type ProblemBody, type TestGateway } from '../gateway.fixtures.js';
import { type EmbeddedWorker, startEmbeddedWorker } from '../workers/embedded-worker.fixtures.js';
import { until } from '../gateway.fixtures.js';
import type { BulkAnswer } from './bulk-jobs.js';
import type { EventView, JobView } from './job-view.js';

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway()));
afterAll(() => gateway.close());

interface Page {
  readonly items: readonly JobView[];
  readonly nextCursor?: string;
}

const video = { type: 'video.transcode', payload: { source: 'https://example.com/a.mov', format: 'mp4' } };
const picture = {
  type: 'image.resize',
  payload: { source: 'https://example.com/a.png', variants: [{ name: 'a', width: 10, format: 'png' }] },
};

async function submit(job: object, count: number): Promise<JobView[]> {
  const jobs = Array.from({ length: count }, () => job);
  return (await gateway.post<{ items: JobView[] }>('/v1/jobs/batch', { jobs })).body.items;
}
const list = async (query: string): Promise<readonly JobView[]> =>
  (await gateway.get<Page>(`/v1/jobs?limit=100&${query}`)).body.items;
const idsOf = (jobs: readonly JobView[]): string[] => jobs.map(({ id }) => id).toSorted();
const bulk = async (what: 'cancel' | 'retry', body: object): Promise<BulkAnswer> =>
  (await gateway.post<BulkAnswer>(`/v1/jobs/${what}`, body)).body;
async function lastNoted(): Promise<AuditEntry> {
  return (await gateway.get<{ items: AuditEntry[] }>('/v1/audit')).body.items[0]!;
}

describe('cancelling and retrying many', () => {
  it('counts first, then cancels all of a filter and no other, and lets them run anew', async () => {
    const now = await submit(video, 700);
    const later = await submit({ ...video, options: { delaySeconds: 3_600 } }, 5);
    const others = await submit(picture, 3);
    const filter = { type: 'video.transcode' };
    expect(await bulk('cancel', { ...filter, dryRun: true })).toEqual({ matched: 705, done: 0 });
    expect(await bulk('cancel', { ...filter, status: 'scheduled' })).toEqual({ matched: 5, done: 5 });
    expect(await bulk('cancel', filter)).toEqual({ matched: 700, done: 700 });
    expect(await lastNoted()).toMatchObject({
      who: 'local',
      action: 'jobs.cancel',
      target: 'jobs',
      detail: { type: 'video.transcode', matched: 700, done: 700 },
    });
    expect(await list('status=queued')).toHaveLength(others.length);
    expect(await bulk('cancel', filter)).toEqual({ matched: 0, done: 0 });

    expect(await bulk('retry', { status: 'cancelled', dryRun: true })).toEqual({ matched: 705, done: 0 });
    expect(await bulk('retry', { status: 'cancelled', type: 'image.resize' })).toEqual({
      matched: 0,
      done: 0,
    });
    expect(await bulk('retry', { type: 'video.transcode' })).toEqual({ matched: 705, done: 705 });
    expect((await lastNoted()).action).toBe('jobs.retry');
    const history = await gateway.get<{ items: EventView[] }>(`/v1/jobs/${later[0]!.id}/history`);
    expect(history.body.items.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['cancelled', 'redriven']),
    );
    expect(await bulk('cancel', { id: now[0]!.id })).toEqual({ matched: 1, done: 1 });
    expect(await bulk('cancel', filter)).toEqual({ matched: 704, done: 704 });
  });

  it('stops what runs', async () => {
    await bulk('cancel', { status: 'queued' });
    const worker: EmbeddedWorker = await startEmbeddedWorker({ concurrency: 2 });
    try {
      const jobs = await submit(picture, 4);
      await until('two run', async () => (await list('status=running')).length === 2, 30_000);
      expect(await bulk('cancel', { type: 'image.resize' })).toEqual({ matched: 4, done: 4 });
      expect(idsOf(await list('status=cancelled&type=image.resize'))).toEqual(
        expect.arrayContaining(idsOf(jobs)),
      );
      const [next] = await submit(picture, 1);
      await until('a slot is free', async () => worker.started.includes(next!.id), 30_000);
    } finally {
      await worker.stop();
    }
  });

  it.each([
    ['cancel', {}, 'selection.empty'],
    ['retry', {}, 'selection.empty'],
    ['cancel', { dryRun: true }, 'selection.empty'],
    ['cancel', { status: 'succeeded' }, 'body.invalid'],
    ['retry', { status: 'running' }, 'body.invalid'],
    ['cancel', { status: 'queued', dryRun: 'yes' }, 'body.invalid'],
    ['cancel', { type: 'video.transcode', all: true }, 'body.invalid'],
    ['cancel', { id: '0190' }, 'body.invalid'],
    ['retry', [], 'body.invalid'],
  ])('%s refuses %j', async (what, body, code) => {
    const answer = await gateway.post<ProblemBody>(`/v1/jobs/${what}`, body);
    expect([answer.status, answer.body.code]).toEqual([422, code]);
  });
});

describe('finding jobs', () => {
  it('finds them by their id, and by how it begins', async () => {
    const [job] = await submit(video, 1);
    const { id } = job!;
    for (const beginning of [id, id.toUpperCase(), id.slice(0, 9), id.slice(0, 13), id.slice(0, 30)])
      expect(idsOf(await list(`id=${beginning}`))).toContain(id);
    const other = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    expect(await list(`id=${other}`)).toEqual([]);
    expect(await list(`id=00000000-0000`)).toEqual([]);
    for (const wrong of ['0190', 'zzzzzzzz', `${id}0`, id.replaceAll('-', '')])
      expect((await gateway.get(`/v1/jobs?id=${wrong}`)).status).toBe(400);
  });

  it('finds the jobs of a schedule', async () => {
    const schedule = { name: 'yearly', cron: '0 0 1 1 *', ...video };
    const { id } = (await gateway.post<{ id: string }>('/v1/schedules', schedule)).body;
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push((await gateway.post<JobView>(`/v1/schedules/${id}/run`, {})).body);
    expect((await list(`scheduleId=${id}`)).map((job) => job.id)).toEqual(
      runs.map((job) => job.id).reverse(),
    );
    expect(await bulk('cancel', { scheduleId: id })).toEqual({ matched: 3, done: 3 });
    expect((await gateway.get('/v1/jobs?scheduleId=x')).status).toBe(400);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, type ProblemBody, type TestGateway } from '../gateway.fixtures.js';
import type { JobView } from './job-view.js';

interface Page {
  readonly items: readonly JobView[];
  readonly nextCursor?: string;
}

const source = 'https://example.com/clip.mov';
const video = (payload: object = {}, options?: object): object => ({
  type: 'video.transcode',
  payload: { source, format: 'mp4', ...payload },
  ...(options ? { options } : {}),
});

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway()));
afterAll(() => gateway.close());

async function submitted(body: object): Promise<JobView> {
  const answer = await gateway.post<JobView>('/v1/jobs', body);
  expect(answer).toMatchObject({ status: 202 });
  return answer.body;
}

async function errorsOf(body: unknown): Promise<readonly { path: string; message: string }[]> {
  const answer = await gateway.post<ProblemBody>('/v1/jobs', body);
  expect([answer.status, answer.body.code]).toEqual([422, 'job.invalid']);
  return answer.body.errors!;
}

describe('submitting a job', () => {
  it('is answered with the job and where it is', async () => {
    const { status, headers, body } = await gateway.post<JobView>('/v1/jobs', video({ height: 240 }));
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/jobs/${body.id}`);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      type: 'video.transcode',
      status: 'queued',
      priority: 'normal',
      progress: { percent: 0 },
      attempt: 0,
      maxAttempts: 3,
      payload: { source, format: 'mp4', height: 240 },
      result: null,
      worker: null,
      createdAt: expect.stringMatching(/Z$/),
      queuedAt: body.createdAt,
      startedAt: null,
      finishedAt: null,
    });
  });

  it('stores what was answered', async () => {
    const job = await submitted(video());
    expect((await gateway.get(`/v1/jobs/${job.id}`)).body).toEqual(job);
  });

  it('keeps every character of a payload', async () => {
    const strange = 'https://example.com/日本/😀?q=%00&x="<script>\\';
    expect((await submitted(video({ source: strange }))).payload).toMatchObject({ source: strange });
  });

  it('takes what its options say', async () => {
    const job = await submitted(video({}, { maxAttempts: 7, timeoutSeconds: 90 }));
    expect(job.maxAttempts).toBe(7);
    expect(await submitted(video({}, {}))).toMatchObject({ maxAttempts: 3, status: 'queued' });
  });

  it('is taken 200 times at once, each a job of its own', async () => {
    const jobs = await Promise.all(Array.from({ length: 200 }, () => submitted(video())));
    expect(new Set(jobs.map((job) => job.id)).size).toBe(200);
  });
});

describe('a job that waits for its time', () => {
  it('is scheduled for a moment', async () => {
    const runAt = new Date(Date.now() + 3_600_000).toISOString();
    expect(await submitted(video({}, { runAt }))).toMatchObject({
      status: 'scheduled',
      runAt,
      queuedAt: null,
    });
  });

  it('is scheduled for a moment in another zone, and far away', async () => {
    expect(await submitted(video({}, { runAt: '2199-01-01T02:00:00+02:00' }))).toMatchObject({
      status: 'scheduled',
      runAt: '2199-01-01T00:00:00.000Z',
    });
  });

  it('is queued at once when the moment has passed, or the delay is none', async () => {
    for (const options of [{ runAt: '2001-01-01T00:00:00Z' }, { delaySeconds: 0 }])
      expect(await submitted(video({}, options))).toMatchObject({ status: 'queued' });
  });

  it('is scheduled by a delay, and then queued', async () => {
    const job = await submitted(video({}, { delaySeconds: 0.3 }));
    expect(job).toMatchObject({ status: 'scheduled', queuedAt: null });
    expect(Date.parse(job.runAt!) - Date.parse(job.createdAt)).toBe(300);
    const deadline = Date.now() + 30_000;
    for (;;) {
      const { body } = await gateway.get<JobView>(`/v1/jobs/${job.id}`);
      if (body.status === 'queued') break;
      expect(Date.now()).toBeLessThan(deadline);
    }
    const history = await gateway.get<{ items: unknown[] }>(`/v1/jobs/${job.id}/history`);
    expect(history.body.items).toMatchObject([{ kind: 'queued', seq: 1, attempt: 0, worker: null }]);
  });

  it.each([
    [{ runAt: '2199-01-01T00:00:00Z', delaySeconds: 5 }],
    [{ runAt: 'tomorrow' }],
    [{ runAt: '' }],
    [{ runAt: 1_900_000_000 }],
    [{ runAt: '2199-02-30T00:00:00Z' }],
    [{ runAt: '2199-W01-1' }],
    [{ runAt: '2199-001' }],
    [{ runAt: '2199-01-01T00:00:00' }],
    [{ runAt: '2199-06-30T23:59:60Z' }],
  ])('is refused with %j', async (options) => {
    expect((await errorsOf(video({}, options))).map(({ path }) => path)).toContain('options.runAt');
  });
});

describe('a batch', () => {
  it('of 1,000 jobs is accepted', async () => {
    const jobs = Array.from({ length: 1_000 }, () => video());
    const { status, body } = await gateway.post<Page>('/v1/jobs/batch', { jobs });
    expect(status).toBe(202);
    expect(new Set(body.items.map((job) => job.id)).size).toBe(1_000);
    const last = await gateway.get(`/v1/jobs/${body.items.at(-1)!.id}`);
    expect(last.body).toEqual(body.items.at(-1));
  });

  it.each([
    ['1,001 jobs', { jobs: Array.from({ length: 1_001 }, () => video()) }],
    ['none', { jobs: [] }],
    ['no list', { jobs: {} }],
    ['another field', { items: [video()] }],
    ['a list alone', [video()]],
    ['nothing', null],
  ])('of %s is refused', async (_, body) => {
    const answer = await gateway.post<ProblemBody>('/v1/jobs/batch', body);
    expect([answer.status, answer.body.code]).toEqual([422, 'batch.invalid']);
    expect(answer.body.errors).toEqual([{ path: 'jobs', message: expect.stringContaining('1,000') }]);
  });

  it('is accepted in whole or not at all, and every wrong field of every job is named', async () => {
    const before = (await gateway.get<Page>('/v1/jobs?limit=1')).body.items[0]!.id;
    const jobs = [video(), { type: 'no.such', payload: {} }, video(), video({ height: 1, crf: 'x' }), 7];
    const { status, body } = await gateway.post<ProblemBody>('/v1/jobs/batch', { jobs });
    expect(status).toBe(422);
    const paths = new Set(body.errors!.map(({ path }) => path));
    expect([...paths].sort()).toEqual([
      'jobs[1].type',
      'jobs[3].payload.crf',
      'jobs[3].payload.height',
      'jobs[4]',
    ]);
    expect((await gateway.get<Page>('/v1/jobs?limit=1')).body.items[0]!.id).toBe(before);
  });

  it('is refused for a file of one job that is not there', async () => {
    const jobs = [video(), video({ source: 'no-such-asset' })];
    const { body } = await gateway.post<ProblemBody>('/v1/jobs/batch', { jobs });
    expect(body.errors).toEqual([
      { path: 'jobs[1].payload.source', message: 'names no asset: there is no "no-such-asset"' },
    ]);
  });
});

describe('a job', () => {
  it.each([
    '00000000-0000-7000-8000-000000000000',
    'nothing',
    'x%00',
    "'%20OR%201=1--",
    '..%2f..',
    'x'.repeat(90),
  ])('that is not there is 404: %s', async (id) => {
    for (const path of [`/v1/jobs/${id}`, `/v1/jobs/${id}/history`, `/v1/jobs/${id}/events`]) {
      const { status, body } = await gateway.get<ProblemBody>(path);
      expect([path, status, body.code]).toEqual([path, 404, 'job.not_found']);
    }
  });
});

describe('the list of jobs', () => {
  let lister: TestGateway;
  let ids: string[];
  beforeAll(async () => {
    await gateway.stop();
    lister = await openGateway();
    ids = [];
    for (let i = 0; i < 25; i++) {
      const type = i % 5 === 0 ? 'video.thumbnails' : 'video.transcode';
      const payload = type === 'video.thumbnails' ? { source } : { source, format: 'mp4' };
      const options = i % 3 === 0 ? { delaySeconds: 3600 } : {};
      const { body } = await lister.post<JobView>('/v1/jobs', { type, payload, options });
      ids.unshift(body.id);
    }
  });
  afterAll(() => lister.close());

  const page = async (query: string): Promise<Page> => {
    const { status, body } = await lister.get<Page>(`/v1/jobs?${query}`);
    expect(status).toBe(200);
    return body;
  };

  it('is newest first, 20 a page', async () => {
    const first = await page('');
    expect(first.items.map((job) => job.id)).toEqual(ids.slice(0, 20));
    expect(first.nextCursor).toBe(ids[19]);
  });

  it('is paged without gap or repeat, also while jobs come in', async () => {
    const first = await page('limit=10');
    const { body: late } = await lister.post<JobView>('/v1/jobs', video());
    const second = await page(`limit=10&cursor=${first.nextCursor}`);
    const third = await page(`limit=10&cursor=${second.nextCursor}`);
    const all = [first, second, third].flatMap(({ items }) => items.map((job) => job.id));
    expect(all).toEqual(ids);
    expect(third).not.toHaveProperty('nextCursor');
    ids.unshift(late.id);
  });

  it('ends without a cursor when the last page is full', async () => {
    expect(await page('limit=26')).not.toHaveProperty('nextCursor');
    expect((await page('limit=25')).nextCursor).toBe(ids[24]);
  });

  it('is filtered by status and type, over pages too', async () => {
    expect((await page('status=scheduled&limit=100')).items).toHaveLength(9);
    expect((await page('type=video.thumbnails&limit=100')).items).toHaveLength(5);
    const both = 'status=scheduled&type=video.thumbnails';
    const [one, two] = [await page(`${both}&limit=1`), await page(`${both}&limit=100`)];
    expect(two.items.map(({ status, type }) => [status, type])).toEqual(
      Array.from({ length: 2 }, () => ['scheduled', 'video.thumbnails']),
    );
    const rest = await page(`${both}&limit=1&cursor=${one.nextCursor}`);
    expect(rest.items[0]!.id).toBe(two.items[1]!.id);
    expect(rest).not.toHaveProperty('nextCursor');
    expect(await page('status=failed')).toEqual({ items: [] });
    expect(await page('type=no.such')).toEqual({ items: [] });
  });

  it.each([
    ['limit=0', ['limit']],
    ['limit=101', ['limit']],
    ['limit=ten', ['limit']],
    ['limit=', ['limit']],
    ['limit=1.5', ['limit']],
    ['limit=1e1', ['limit']],
    ['limit=5&limit=6', ['limit']],
    ['status=done', ['status']],
    ['status=', ['status']],
    ['status=queued&status=failed', ['status']],
    ['type=a.b&type=c.d', ['type']],
    ['type=x%00y', ['type']],
    ["cursor=' OR 1=1--", ['cursor']],
    ['cursor=garbage', ['cursor']],
    ['cursor=', ['cursor']],
    ['tenantId=other', ['tenantId']],
    ['__proto__=1&status=no&limit=-1', ['__proto__', 'limit', 'status']],
  ])('is refused for ?%s with each wrong parameter named', async (query, wrong) => {
    const { status, body } = await lister.get<ProblemBody>(`/v1/jobs?${query}`);
    expect([status, body.code]).toEqual([400, 'query.invalid']);
    expect(body.errors!.map(({ path }) => path).sort()).toEqual(wrong);
  });
});

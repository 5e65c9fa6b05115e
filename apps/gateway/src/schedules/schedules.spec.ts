import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, openGateway, type ProblemBody, type TestGateway, until } from '../gateway.fixtures.js';
import type { JobView } from '../jobs/job-view.js';
import type { ScheduleView } from './schedule-view.js';

interface Page {
  readonly items: readonly ScheduleView[];
  readonly nextCursor?: string;
}

const source = 'https://example.com/clip.mov';
const payload = { source, format: 'mp4' };
let names = 0;
const yearly = (overrides: object = {}): object => ({
  name: `yearly ${++names}`,
  cron: '30 2 1 1 *',
  type: 'video.transcode',
  payload,
  ...overrides,
});

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway()));
afterAll(() => gateway.close());

async function made(overrides: object = {}): Promise<ScheduleView> {
  const { status, body } = await gateway.post<ScheduleView>('/v1/schedules', yearly(overrides));
  expect([status, body]).toMatchObject([201, {}]);
  return body;
}

function patch<T = ScheduleView>(id: string, json: unknown): Promise<Answer<T>> {
  return gateway.call<T>('PATCH', `/v1/schedules/${id}`, {
    body: JSON.stringify(json),
    headers: { 'content-type': 'application/json' },
  });
}

const read = async (id: string): Promise<ScheduleView> =>
  (await gateway.get<ScheduleView>(`/v1/schedules/${id}`)).body;
const act = <T = ScheduleView>(id: string, action: string): Promise<Answer<T>> =>
  gateway.call<T>('POST', `/v1/schedules/${id}/${action}`);
const jobsOf = async (id: string): Promise<JobView[]> =>
  (await gateway.get<{ items: JobView[] }>('/v1/jobs?limit=100')).body.items.filter(
    (job) => job.scheduleId === id,
  );

describe('making a schedule', () => {
  it('is answered with it, its next five runs, and where it is', async () => {
    const { status, headers, body } = await gateway.post<ScheduleView>(
      '/v1/schedules',
      yearly({
        name: 'all of it',
        timezone: 'Europe/Berlin',
        options: { priority: 'low' },
        catchUp: 'skip',
      }),
    );
    expect([status, headers.get('location')]).toEqual([201, `/v1/schedules/${body.id}`]);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      name: 'all of it',
      cron: '30 2 1 1 *',
      timezone: 'Europe/Berlin',
      type: 'video.transcode',
      payload,
      options: { priority: 'low' },
      catchUp: 'skip',
      paused: false,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: body.createdAt,
      nextRuns: Array.from({ length: 5 }, () => expect.stringMatching(/-01-01T01:30:00.000Z$/)),
    });
    expect(body.nextRuns).toEqual([...new Set(body.nextRuns)].sort());
    expect(await read(body.id)).toEqual(body);
  });

  it('needs no more than a name, a cron and a job', async () => {
    expect(await made()).toMatchObject({ timezone: 'UTC', catchUp: 'one', paused: false, options: {} });
    expect(await made({ timezone: null, catchUp: null, paused: null, options: null })).toMatchObject({
      timezone: 'UTC',
      catchUp: 'one',
    });
  });

  it('may leave it paused, without runs', async () => {
    expect(await made({ paused: true })).toMatchObject({ paused: true, nextRuns: [] });
  });

  it('is refused for a name that is taken', async () => {
    const { name } = await made();
    const { status, body } = await gateway.post<ProblemBody>('/v1/schedules', yearly({ name }));
    expect([status, body.code]).toEqual([409, 'schedule.name_taken']);
    expect(body.errors).toEqual([{ path: 'name', message: 'is taken by another schedule' }]);
  });
});

describe('a schedule', () => {
  it('makes jobs that say which schedule and tick they come from', async () => {
    const { id } = await made({ cron: '* * * * * *', options: { maxAttempts: 5 } });
    await until('two jobs', async () => (await jobsOf(id)).length >= 2, 30_000);
    const schedule = (await act(id, 'pause')).body;
    const jobs = await jobsOf(id);
    const ticks = jobs.map(({ scheduledFor }) => scheduledFor);
    expect(new Set(ticks).size).toBe(jobs.length);
    for (const job of jobs) {
      expect(job).toMatchObject({ type: 'video.transcode', payload, maxAttempts: 5, status: 'queued' });
      expect(job.scheduledFor).toMatch(/:\d\d\.000Z$/);
      expect(Date.parse(job.createdAt)).toBeGreaterThanOrEqual(Date.parse(job.scheduledFor!));
    }
    expect(schedule).toMatchObject({ paused: true, nextRuns: [], lastJobId: jobs[0]!.id });
    expect(Date.parse(schedule.lastRunAt!)).toBeGreaterThanOrEqual(Date.parse(jobs[0]!.scheduledFor!));
    await gateway.call('DELETE', `/v1/schedules/${id}`);
    expect((await jobsOf(id)).length).toBe(jobs.length);
  });

  it('is paused and resumed, as often as one likes, and goes on from now', async () => {
    const { id, updatedAt } = await made({ cron: '0 0 1 1 *' });
    const paused = (await act(id, 'pause')).body;
    expect(paused).toMatchObject({ paused: true, nextRuns: [] });
    expect(paused.updatedAt > updatedAt).toBe(true);
    expect((await act(id, 'pause')).body).toEqual(paused);
    const { status, body } = await act(id, 'resume');
    expect([status, body.paused, body.nextRuns.length]).toEqual([200, false, 5]);
    expect((await act(id, 'resume')).body).toEqual(body);
  });

  it('is run now, also while it is paused, with its next runs as before', async () => {
    const schedule = await made({ paused: true, options: { priority: 'high' } });
    const { status, headers, body } = await act<JobView>(schedule.id, 'run');
    expect([status, headers.get('location')]).toEqual([202, `/v1/jobs/${body.id}`]);
    expect(body).toMatchObject({ scheduleId: schedule.id, priority: 'high', payload, status: 'queued' });
    expect(body).not.toHaveProperty('scheduledFor');
    expect((await gateway.get<JobView>(`/v1/jobs/${body.id}`)).body).toMatchObject({
      scheduleId: schedule.id,
    });
    const { lastRunAt, lastJobId, ...rest } = await read(schedule.id);
    expect([lastJobId, typeof lastRunAt]).toEqual([body.id, 'string']);
    expect(rest).toEqual(schedule);
  });

  it('is run once by two requests with one Idempotency-Key', async () => {
    const { id } = await made();
    const run = (): Promise<Answer<JobView>> =>
      gateway.call('POST', `/v1/schedules/${id}/run`, { headers: { 'idempotency-key': 'run-1' } });
    const [first, second] = [await run(), await run()];
    expect([first.status, second.status, second.body.id]).toEqual([202, 202, first.body.id]);
    expect(await jobsOf(id)).toHaveLength(1);
  });

  it('is removed once', async () => {
    const { id } = await made();
    expect((await gateway.call('DELETE', `/v1/schedules/${id}`)).status).toBe(204);
    expect((await gateway.call('DELETE', `/v1/schedules/${id}`)).status).toBe(404);
  });

  it.each(['00000000-0000-7000-8000-000000000000', 'nothing', 'x%00', '..%2f..'])(
    'that is not there is 404: %s',
    async (id) => {
      const answers = [
        await gateway.get<ProblemBody>(`/v1/schedules/${id}`),
        await patch<ProblemBody>(id, {}),
        await gateway.call<ProblemBody>('DELETE', `/v1/schedules/${id}`),
        await act<ProblemBody>(id, 'pause'),
        await act<ProblemBody>(id, 'resume'),
        await act<ProblemBody>(id, 'run'),
      ];
      for (const { status, body } of answers)
        expect([status, body.code]).toEqual([404, 'schedule.not_found']);
    },
  );
});

describe('changing a schedule', () => {
  it('takes the fields that are given and keeps the others', async () => {
    const before = await made({ options: { priority: 'low', maxAttempts: 2 } });
    const { status, body } = await patch(before.id, { cron: '0 4 1 1 *', options: { priority: 'high' } });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...before,
      cron: '0 4 1 1 *',
      options: { priority: 'high' },
      updatedAt: expect.stringMatching(/Z$/),
      nextRuns: body.nextRuns,
    });
    expect(body.nextRuns.every((run) => run.endsWith('T04:00:00.000Z'))).toBe(true);
    expect(body.updatedAt > before.updatedAt).toBe(true);
    expect(await read(before.id)).toEqual(body);
  });

  it('may change everything at once, and nothing', async () => {
    const { id, createdAt } = await made();
    const all = {
      name: 'quite another',
      cron: '*/5 * * * *',
      timezone: 'Asia/Tokyo',
      type: 'image.resize',
      payload: { source, variants: [{ name: 'a', format: 'webp' }] },
      options: {},
      catchUp: 'all',
      paused: false,
    };
    const { body } = await patch(id, all);
    expect(body).toMatchObject({ ...all, id, createdAt });
    expect((await patch(id, {})).body).toMatchObject(all);
    expect((await patch(id, { timezone: null, catchUp: null })).body).toMatchObject({
      timezone: 'UTC',
      catchUp: 'one',
    });
  });

  it('is refused with every wrong field of what it would become, and then changes nothing', async () => {
    const before = await made();
    const wrong = { cron: 'often', payload: { source, format: 'avi' }, catchUp: 'some', x: 1 };
    const { status, body } = await patch<ProblemBody>(before.id, wrong);
    expect([status, body.code]).toEqual([422, 'schedule.invalid']);
    expect(body.errors!.map(({ path }) => path).sort()).toEqual(['catchUp', 'cron', 'payload.format', 'x']);
    const mixed = await patch<ProblemBody>(before.id, { type: 'image.resize' });
    expect(mixed.body.errors!.map(({ path }) => path)).toContain('payload.variants');
    expect(await read(before.id)).toEqual(before);
  });

  it('is refused for a name that is taken', async () => {
    const [one, two] = [await made(), await made()];
    const { status, body } = await patch<ProblemBody>(two.id, { name: one.name });
    expect([status, body.code]).toEqual([409, 'schedule.name_taken']);
  });

  it.each([[null], [[]], ['text'], [7]])('is refused with %j', async (json) => {
    const { id } = await made();
    const { status, body } = await patch<ProblemBody>(id, json);
    expect([status, body.errors]).toEqual([422, [{ path: '', message: 'must be an object' }]]);
  });

  it('is done in full by each of many at once', async () => {
    const { id } = await made();
    const edits = Array.from({ length: 8 }, (_, i) => ({ name: `raced ${i}`, cron: `${i} * * * *` }));
    const answers = await Promise.all(edits.map((edit) => patch(id, edit)));
    expect(answers.map(({ status }) => status)).toEqual(edits.map(() => 200));
    const { name, cron } = await read(id);
    expect(edits).toContainEqual({ name, cron });
  });
});

describe('the list of schedules', () => {
  it('is by name, paged without gap or repeat', async () => {
    const wanted = Array.from({ length: 5 }, (_, i) => `~ listed ${i} ä`);
    for (const name of wanted.toReversed()) await made({ name });
    const names: string[] = [];
    for (let cursor = ''; ;) {
      const { status, body } = await gateway.get<Page>(`/v1/schedules?limit=2${cursor}`);
      expect(status).toBe(200);
      names.push(...body.items.map(({ name }) => name));
      if (body.nextCursor === undefined) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(names.filter((name) => name.startsWith('~'))).toEqual(wanted);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'cursor=',
    'cursor=%00',
    'cursor=!',
    'cursor=AAAA',
    'sort=name',
  ])('is refused for ?%s', async (query) => {
    const { status, body } = await gateway.get<ProblemBody>(`/v1/schedules?${query}`);
    expect([status, body.code]).toEqual([400, 'query.invalid']);
    expect(body.errors!.map(({ path }) => path)).toEqual([query.split('=')[0]]);
  });
});

describe('schedules and a restart', () => {
  it('are there again, and run on', async () => {
    await gateway.stop();
    const own = await openGateway();
    const { body } = await own.post<ScheduleView>('/v1/schedules', yearly({ cron: '* * * * * *' }));
    await own.stop();
    const again = await openGateway({ database: `sqlite:${own.database}` });
    const jobs = async (): Promise<JobView[]> =>
      (await again.get<{ items: JobView[] }>('/v1/jobs?limit=100')).body.items;
    const restarted = Date.now();
    const isNew = ({ createdAt }: JobView): boolean => Date.parse(createdAt) > restarted;
    await until('a job', async () => (await jobs()).filter(isNew).length > 0, 30_000);
    expect((await jobs()).every(({ scheduleId }) => scheduleId === body.id)).toBe(true);
    await again.close();
    await own.close();
  });
});

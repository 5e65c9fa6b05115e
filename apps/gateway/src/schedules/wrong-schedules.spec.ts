import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, openGateway, type ProblemBody, type TestGateway } from '../gateway.fixtures.js';

const source = 'https://example.com/clip.mov';
const yearly = (overrides: object = {}): object => ({
  name: 'yearly',
  cron: '30 2 1 1 *',
  type: 'video.transcode',
  payload: { source, format: 'mp4' },
  ...overrides,
});

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway()));
afterAll(() => gateway.close());

describe('a wrong schedule', () => {
  it.each([
    ['name', yearly({ name: '' })],
    ['name', yearly({ name: 'x'.repeat(101) })],
    ['name', yearly({ name: 'a\u0000b' })],
    ['name', yearly({ name: 7 })],
    ['cron', yearly({ cron: '' })],
    ['cron', yearly({ cron: 'every day' })],
    ['cron', yearly({ cron: '0 0 30 2 *' })],
    ['cron', yearly({ cron: '61 * * * *' })],
    ['cron', yearly({ cron: 7 })],
    ['cron', yearly({ cron: '2030-01-01T00:00:00Z' })],
    ['cron', yearly({ cron: `${'1,'.repeat(300)}1 * * * *` })],
    ['timezone', yearly({ timezone: 'Mars/Olympus' })],
    ['timezone', yearly({ timezone: '+02:00' })],
    ['timezone', yearly({ timezone: 7 })],
    ['catchUp', yearly({ catchUp: 'twice' })],
    ['paused', yearly({ paused: 'no' })],
    ['type', yearly({ type: 'video.melt' })],
    ['payload', yearly({ payload: [] })],
    ['payload.format', yearly({ payload: { source, format: 'avi' } })],
    ['payload.source', yearly({ payload: { source: 'no-such-asset', format: 'mp4' } })],
    ['payload.source', yearly({ payload: { source: 'http://127.0.0.1/', format: 'mp4' } })],
    ['options', yearly({ options: 'fast' })],
    ['options.maxAttempts', yearly({ options: { maxAttempts: 0 } })],
    ['options.runAt', yearly({ options: { runAt: '2199-01-01T00:00:00Z' } })],
    ['options.delaySeconds', yearly({ options: { delaySeconds: 5 } })],
    ['nextRuns', yearly({ nextRuns: [] })],
    ['id', yearly({ id: '00000000-0000-7000-8000-000000000000' })],
  ])('is refused for its %s', async (path, json) => {
    const { status, body } = await gateway.post<ProblemBody>('/v1/schedules', json);
    expect([status, body.code]).toEqual([422, 'schedule.invalid']);
    expect([...new Set(body.errors!.map((error) => error.path))]).toEqual([path]);
  });

  it('is refused with all that is wrong at once', async () => {
    const json = { cron: 'x', timezone: 'x', type: 'video.transcode', payload: {}, options: { x: 1 }, y: 1 };
    const { body } = await gateway.post<ProblemBody>('/v1/schedules', json);
    const paths = [...new Set(body.errors!.map(({ path }) => path))].sort();
    expect(paths).toEqual(expect.arrayContaining(['cron', 'name', 'options.x', 'timezone', 'y']));
  });

  it.each([[null], [[]], ['text'], [7], [true]])('is refused when it is %j', async (json) => {
    const { status, body } = await gateway.post<ProblemBody>('/v1/schedules', json);
    expect([status, body.errors]).toEqual([422, [{ path: '', message: 'must be an object' }]]);
  });
});

describe('the preview', () => {
  const preview = (query: string): Promise<Answer<{ nextRuns: string[] } & ProblemBody>> =>
    gateway.get(`/v1/schedules/preview?${query}`);

  it('shows the next five runs, in UTC or another zone, and makes nothing', async () => {
    const { status, body } = await preview('cron=0%203%20*%20*%20*&timezone=Asia/Tokyo');
    expect([status, body.nextRuns.length]).toEqual([200, 5]);
    expect(body.nextRuns.every((run) => run.endsWith('T18:00:00.000Z'))).toBe(true);
    expect((await preview('cron=@hourly')).body.nextRuns).toHaveLength(5);
    expect((await gateway.get('/v1/schedules')).body).toEqual({ items: [] });
  });

  it.each([
    ['', ['cron']],
    ['cron=often', ['cron']],
    ['cron=@daily&timezone=Berlin', ['timezone']],
    ['cron=@daily&cron=@hourly', ['cron']],
    ['cron=x&timezone=y&z=1', ['cron', 'timezone', 'z']],
  ])('is refused for ?%s with each wrong parameter named', async (query, wrong) => {
    const { status, body } = await preview(query);
    expect([status, body.code]).toEqual([422, 'schedule.invalid']);
    expect(body.errors!.map(({ path }) => path).sort()).toEqual(wrong);
  });
});

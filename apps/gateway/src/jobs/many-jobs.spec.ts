import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, type TestGateway } from '../gateway.fixtures.js';
import { databases, type EmptyDatabase } from '../store/databases.fixtures.js';
import { event, newJob } from '../store/job-store.fixtures.js';
import type { NewJob } from '../store/job-store.js';
import { openJobStore } from '../store/open-job-store.js';
import type { JobView } from './job-view.js';

const stored = 100_000;
const ended = 20_000;
const atOnce = 5_000;
const weekMs = 7 * 86_400_000;
const types = ['video.transcode', 'image.resize'] as const;
const failure = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: false } as const;
const limitMs = 180_000;
const tries = 30;

describe.each(Object.entries(databases))('with 100,000 stored jobs on %s', (_, emptyDatabase) => {
  let database: EmptyDatabase;
  let gateway: TestGateway;

  beforeAll(async () => {
    database = await emptyDatabase();
    await fill(database.url);
    gateway = await openGateway({ database: database.url });
  }, limitMs);
  afterAll(async () => {
    await gateway.close();
    await database.remove();
  }, limitMs);

  /** Until it comes in time, for a while: what the machine is busy with besides is not asked for here. */
  async function expectWithin(limitMs: number, path: string): Promise<void> {
    const tookMs: number[] = [];
    while (tookMs.length < tries && !tookMs.some((ms) => ms < limitMs)) {
      const started = performance.now();
      expect((await gateway.get(path)).status).toBe(200);
      tookMs.push(performance.now() - started);
    }
    expect(Math.min(...tookMs)).toBeLessThan(limitMs);
  }

  it.each([
    '',
    '?status=scheduled',
    '?status=failed&type=image.resize',
    '?type=video.thumbnails',
    '?limit=100',
  ])('the first page of GET /v1/jobs%s comes within 200 ms', async (query) => {
    await expectWithin(200, `/v1/jobs${query}`);
  });

  it('the charts of a week come within 500 ms', async () => {
    const { totals } = (await gateway.get<{ totals: Record<string, number> }>('/v1/statistics?minutes=10080'))
      .body;
    expect(totals.succeeded! + totals.failed!).toBeGreaterThan(0.9 * ended);
    await expectWithin(500, '/v1/statistics?minutes=10080');
  });

  it('pages go on where the one before ended', async () => {
    type Page = { items: JobView[]; nextCursor: string };
    const { body: first } = await gateway.get<Page>('/v1/jobs?status=failed&limit=100');
    const next = await gateway.get<Page>(`/v1/jobs?status=failed&limit=100&cursor=${first.nextCursor}`);
    const ids = [...first.items, ...next.body.items].map(({ id }) => id);
    expect(ids).toHaveLength(200);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
  });
});

/** A fifth has ended, spread over a week, one of ten in failure; the others wait for next year. */
async function fill(url: string): Promise<void> {
  const store = await openJobStore(url);
  const [now, nextYear] = [Date.now(), new Date(Date.now() + 365 * 86_400_000).toISOString()];
  for (let start = 0; start < stored; start += atOnce) {
    const places = Array.from({ length: atOnce }, (_, i) => start + i);
    const jobs = places.map((at) => {
      const type = types[at % types.length]!;
      return at < ended
        ? newJob({ type, createdAt: new Date(now - weekMs + (at * weekMs) / ended).toISOString() })
        : newJob({ type, dueAt: nextYear });
    });
    await store.accept(jobs);
    if (start < ended) await store.project(jobs.flatMap(lifeOf));
  }
  await store.close();
}

function lifeOf(job: NewJob, at: number): ReturnType<typeof event>[] {
  const after = (ms: number): string => new Date(Date.parse(job.createdAt) + ms).toISOString();
  const end =
    at % 10 === 0
      ? ({ kind: 'failed', error: failure } as const)
      : ({ kind: 'succeeded', result: { durationSeconds: 3 }, assets: [] } as const);
  return [
    event(job, { kind: 'started', at: after(at % 900) }),
    event(job, { ...end, at: after(1_000 + (at % 6_000)) }),
  ];
}

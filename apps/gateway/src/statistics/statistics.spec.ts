import { randomUUID } from 'node:crypto';
import { encodeEvent, eventTopic, type JobEvent, type Transport } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, type ProblemBody, type TestGateway, until } from '../gateway.fixtures.js';
import type { JobView } from '../jobs/job-view.js';
import type { StatisticsView } from './statistics-view.js';

let gateway: TestGateway;
let worker: Transport;
beforeAll(async () => {
  gateway = await openGateway();
  worker = await createTransport('embedded:', 'worker');
  await worker.connect([]);
});
afterAll(async () => {
  await worker.close();
  await gateway.close();
});

/** A job that waited for two seconds and failed after eight more. */
async function failedJob(): Promise<void> {
  const payload = { source: 'https://example.com/a.mov', format: 'mp4' };
  const { id, type, queuedAt } = (
    await gateway.post<JobView>('/v1/jobs', { type: 'video.transcode', payload })
  ).body;
  const queued = Date.parse(queuedAt!);
  const base = { jobId: id, jobType: type, attempt: 1, release: 0, worker: 'worker@here:1', run: 'run-1' };
  const error = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: false };
  const events: JobEvent[] = [
    { ...base, id: randomUUID(), kind: 'started', at: new Date(queued + 2_000).toISOString() },
    { ...base, id: randomUUID(), kind: 'failed', error, at: new Date(queued + 10_000).toISOString() },
  ];
  for (const event of events) await worker.publish(eventTopic(event), encodeEvent(event));
  await until(
    'it failed',
    async () => (await gateway.get<JobView>(`/v1/jobs/${id}`)).body.status === 'failed',
  );
}

const statistics = async (query: string): Promise<StatisticsView> =>
  (await gateway.get<StatisticsView>(`/v1/statistics${query}`)).body;

describe('the statistics', () => {
  it('tell how many ended how, and how long they waited and ran', async () => {
    await failedJob();
    const { totals, points, pointSeconds } = await statistics('?minutes=60');
    expect(totals).toMatchObject({ succeeded: 0, failed: 1, cancelled: 0, retried: 0 });
    expect(totals.waitMs!.p50).toBeGreaterThanOrEqual(2_000);
    expect(totals.waitMs!.p95).toBeLessThan(2_500);
    expect(totals.runMs!.p50).toBeGreaterThanOrEqual(8_000);
    expect(totals.runMs!.p50).toBeLessThan(10_000);
    expect([points.length, pointSeconds]).toEqual([60, 60]);
    expect(points.reduce((sum, { failed }) => sum + failed, 0)).toBe(1);
    expect(points[0]).toMatchObject({ succeeded: 0, waitMs: null, runMs: null });
  });

  it('are of one job type when asked so', async () => {
    expect((await statistics('?type=image.resize')).totals.failed).toBe(0);
    expect((await statistics('?type=video.transcode')).totals.failed).toBeGreaterThan(0);
  });

  it.each([
    [15, 60],
    [720, 300],
    [1_440, 900],
    [10_080, 3_600],
    [43_200, 21_600],
  ])('of %i minutes come in points of %i seconds', async (minutes, pointSeconds) => {
    const view = await statistics(`?minutes=${minutes}`);
    expect(view.pointSeconds).toBe(pointSeconds);
    expect(view.points).toHaveLength((minutes * 60) / pointSeconds);
    expect(view.points[0]!.at).toBe(view.from);
  });

  it.each(['?minutes=14', '?minutes=43201', '?minutes=x', '?type=UPPER', '?minutes=60&from=1'])(
    'refuse %s',
    async (query) => {
      const { status, body } = await gateway.get<ProblemBody>(`/v1/statistics${query}`);
      expect([status, body.code]).toEqual([400, 'query.invalid']);
    },
  );
});

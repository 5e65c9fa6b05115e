import { randomUUID } from 'node:crypto';
import { encodeEvent, type EventFacts, eventTopic, type Transport } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, type ProblemBody, type TestGateway, until } from '../gateway.fixtures.js';
import type { EventView, JobView } from '../jobs/job-view.js';
import type { AttemptView } from './attempts-view.js';
import type { Redriven } from './dead-letters.service.js';

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

type Letter = JobView & { readonly attempts: readonly AttemptView[] };
interface Cause {
  readonly cause: string;
  readonly title: string;
  readonly jobs: number;
  readonly exampleId: string;
}

const payload = { source: 'https://example.com/a.mov', format: 'mp4', height: 240 };

async function tell(job: JobView, attempt: number, facts: EventFacts): Promise<void> {
  const base = { id: randomUUID(), jobId: job.id, jobType: job.type, attempt, release: 0 };
  const event = {
    ...base,
    at: new Date().toISOString(),
    worker: 'worker@here:1',
    run: `run-${attempt}`,
    ...facts,
  };
  await worker.publish(eventTopic(event), encodeEvent(event));
}

const errorOf = (message: string) => ({
  name: 'Error',
  code: 'handler.failed',
  message,
  retryable: true,
  stack: `Error: ${message}\n    at run (jobs.js:1:1)`,
});

async function untilStatus(id: string, status: string): Promise<void> {
  await until(`job ${id} is ${status}`, async () => (await read(id)).status === status);
}
const read = async (id: string): Promise<JobView> => (await gateway.get<JobView>(`/v1/jobs/${id}`)).body;
const submit = async (options: object = {}): Promise<JobView> =>
  (await gateway.post<JobView>('/v1/jobs', { type: 'video.transcode', payload, options })).body;

/** Jobs that each failed in two attempts. */
async function failedJobs(count: number, message: string): Promise<JobView[]> {
  const jobs = await Promise.all(Array.from({ length: count }, () => submit()));
  for (const job of jobs) {
    await tell(job, 1, { kind: 'started' });
    await tell(job, 1, { kind: 'progressed', progress: { percent: 40 } });
    const again = new Date().toISOString();
    await tell(job, 1, { kind: 'retrying', error: errorOf(message), nextAttemptAt: again });
    await tell(job, 2, { kind: 'started' });
    await tell(job, 2, { kind: 'failed', error: errorOf(message) });
  }
  for (const { id } of jobs) await untilStatus(id, 'failed');
  return jobs;
}

async function groupOf(job: JobView): Promise<Cause | undefined> {
  const { items } = (await gateway.get<{ items: Cause[] }>('/v1/dead-letters?type=video.transcode')).body;
  return items.find(({ exampleId }) => exampleId === job.id);
}
const newest = (jobs: readonly JobView[]): JobView => jobs.toSorted((a, b) => (a.id < b.id ? 1 : -1))[0]!;

describe('the dead letters', () => {
  it('are told by cause, and each with its attempts', async () => {
    const jobs = await failedJobs(3, 'cannot read https://a.example/1.mov');
    const group = await groupOf(newest(jobs));
    expect(group).toMatchObject({ jobs: 3, title: 'cannot read <url>', code: 'handler.failed' });
    const listed = await gateway.get<{ items: JobView[] }>(`/v1/jobs?cause=${group!.cause}`);
    expect(listed.body.items.map(({ id }) => id).toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
    const { attempts } = (await gateway.get<Letter>(`/v1/dead-letters/${jobs[0]!.id}`)).body;
    expect(attempts).toMatchObject([
      { attempt: 1, worker: 'worker@here:1', outcome: 'retrying', lastProgress: { percent: 40 } },
      { attempt: 2, worker: 'worker@here:1', outcome: 'failed', lastProgress: null },
    ]);
    expect(attempts[1]!.error!.stack).toContain('jobs.js:1:1');
  });

  it('run anew, one with a mended payload, which is checked', async () => {
    const [job] = await failedJobs(1, 'mend me');
    const path = `/v1/dead-letters/${job!.id}/redrive`;
    const wrong = await gateway.post<ProblemBody>(path, { payload: { ...payload, height: 'tall' } });
    expect([wrong.status, wrong.body.errors![0]!.path]).toEqual([422, 'payload.height']);
    const right = await gateway.post<JobView>(path, { payload: { ...payload, height: 480 } });
    expect(right.status).toBe(202);
    expect(right.body).toMatchObject({ payload: { height: 480 }, status: 'queued', attempt: 3 });
    expect(await groupOf(job!)).toBeUndefined();
    expect((await gateway.post<ProblemBody>(path, {})).status).toBe(404);
  });

  it('run anew in bulk, patched, at a rate, and those that would be wrong stay', async () => {
    const jobs = await failedJobs(4, 'patch us');
    const { cause } = (await groupOf(newest(jobs)))!;
    const refused = await gateway.post<Redriven>('/v1/dead-letters/redrive', {
      cause,
      patch: { height: -1 },
    });
    expect(refused.body).toMatchObject({ redriven: 0, refusedInAll: 4 });
    expect(refused.body.refused[0]!.errors[0]!.path).toBe('payload.height');
    const started = Date.now();
    const request = { cause, patch: { height: 360, format: 'webm' }, perSecond: 2 };
    const { status, body } = await gateway.post<Redriven>('/v1/dead-letters/redrive', request);
    expect([status, body.redriven, body.refused]).toEqual([202, 4, []]);
    expect(Date.parse(body.lastAt!) - started).toBeGreaterThanOrEqual(1_500);
    for (const { id } of jobs)
      expect((await read(id)).payload).toEqual({ ...payload, height: 360, format: 'webm' });
    expect(await groupOf(newest(jobs))).toBeUndefined();
  });

  it('are forgotten, one or many, and the jobs stay failed', async () => {
    const jobs = await failedJobs(3, 'forget us');
    const path = `/v1/dead-letters/${jobs[0]!.id}`;
    expect((await gateway.call('DELETE', path)).status).toBe(204);
    expect((await gateway.call('DELETE', path)).status).toBe(404);
    expect((await gateway.get(path)).status).toBe(404);
    const rest = jobs.slice(1).map(({ id }) => id);
    const many = await gateway.post<{ discarded: number }>('/v1/dead-letters/discard', {
      ids: [...rest, 'nobody'],
    });
    expect([many.status, many.body.discarded]).toEqual([200, 2]);
    expect((await read(jobs[0]!.id)).status).toBe('failed');
  });

  it.each([
    ['/v1/dead-letters/redrive', {}],
    ['/v1/dead-letters/redrive', { type: 'video.transcode', all: true }],
    ['/v1/dead-letters/redrive', { cause: 'x' }],
    ['/v1/dead-letters/redrive', { ids: [] }],
    ['/v1/dead-letters/redrive', { type: 'video.transcode', perSecond: 0 }],
    ['/v1/dead-letters/discard', {}],
  ])('%s refuses %j', async (path, body) => {
    expect((await gateway.post(path, body)).status).toBe(422);
  });
});

describe('retrying a job', () => {
  it('lets a cancelled one run anew', async () => {
    const job = await submit({ delaySeconds: 3_600 });
    await gateway.post(`/v1/jobs/${job.id}/cancel`, {});
    const { status, body } = await gateway.post<JobView>(`/v1/jobs/${job.id}/retry`, {});
    expect([status, body.status]).toEqual([202, 'queued']);
    const history = await gateway.get<{ items: EventView[] }>(`/v1/jobs/${job.id}/history`);
    expect(history.body.items.map(({ kind }) => kind).slice(0, 2)).toEqual(['cancelled', 'redriven']);
  });

  it('can be taken back: what waits to run anew can be cancelled, and run anew once more', async () => {
    const [job] = await failedJobs(1, 'back and forth');
    for (let round = 0; round < 2; round++) {
      expect((await gateway.post<JobView>(`/v1/jobs/${job!.id}/retry`, {})).body.status).toBe('queued');
      expect((await gateway.post<JobView>(`/v1/jobs/${job!.id}/cancel`, {})).body.status).toBe('cancelled');
    }
  });

  it('refuses one that runs or succeeded, and one that is not there', async () => {
    const job = await submit();
    const { status, body } = await gateway.post<ProblemBody>(`/v1/jobs/${job.id}/retry`, {});
    expect([status, body.code]).toEqual([409, 'job.not_ended']);
    await tell(job, 1, { kind: 'started' });
    await tell(job, 1, { kind: 'succeeded', result: {}, assets: [] });
    await untilStatus(job.id, 'succeeded');
    expect((await gateway.post(`/v1/jobs/${job.id}/retry`, {})).status).toBe(409);
    expect((await gateway.post('/v1/jobs/nobody/retry', {})).status).toBe(404);
  });
});

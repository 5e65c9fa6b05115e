import { randomUUID } from 'node:crypto';
import {
  encodeEvent,
  type EventFacts,
  eventTopic,
  type LoggedFacts,
  type PublishedEvent,
  type Transport,
} from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OpenApi, validatorOf } from '../docs/openapi.fixtures.js';
import { Follower } from '../follower.fixtures.js';
import { openGateway, type TestGateway, until } from '../gateway.fixtures.js';
import type { JobView } from './job-view.js';
import type { LogView } from './log-view.js';

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

async function newJob(): Promise<JobView> {
  const payload = { source: 'https://example.com/a.mov', format: 'mp4' };
  return (await gateway.post<JobView>('/v1/jobs', { type: 'video.transcode', payload })).body;
}

type Told = (EventFacts | LoggedFacts) & Partial<Pick<PublishedEvent, 'attempt' | 'run' | 'at'>>;

/** What a worker tells of a job. */
async function tell(job: Pick<JobView, 'id' | 'type'>, ...all: Told[]): Promise<void> {
  for (const facts of all) {
    const base = { id: randomUUID(), jobId: job.id, jobType: job.type, attempt: 1, release: 0 };
    const at = new Date().toISOString();
    const event = { ...base, at, worker: 'worker@here:1', run: 'run-1', ...facts } as PublishedEvent;
    await worker.publish(eventTopic(event), encodeEvent(event));
  }
}

const started = { kind: 'started' } as const;
const succeeded = { kind: 'succeeded', result: {}, assets: [] } as const;
const at = '2030-01-01T00:00:00.000Z';
const logged = (batch: number, texts: readonly string[], facts: Partial<LoggedFacts> = {}): LoggedFacts => ({
  kind: 'logged',
  batch,
  lines: texts.map((line) => ({ at, line })),
  leftOut: 0,
  total: batch * texts.length,
  ...facts,
});

const logsOf = async (job: JobView): Promise<LogView> =>
  (await gateway.get<LogView>(`/v1/jobs/${job.id}/logs`)).body;
const viewOf = async (job: JobView): Promise<JobView> =>
  (await gateway.get<JobView>(`/v1/jobs/${job.id}`)).body;
const written = (job: JobView, lines: number): Promise<void> =>
  until(`${lines} lines are there`, async () => (await logsOf(job)).items.length === lines);

describe('the log of a job', () => {
  it('has the lines of all attempts, in order, once each, and leaves the job and its history as they are', async () => {
    const job = await newJob();
    expect(await logsOf(job)).toEqual({ items: [], omitted: 0, seq: 0 });
    const first = logged(1, ['reads', 'writes'], { leftOut: 312, total: 314 });
    await tell(job, started, first, first, { ...logged(1, ['again']), attempt: 2, run: 'run-2' });
    await written(job, 4);
    expect(await logsOf(job)).toEqual({
      items: [
        { at, attempt: 1, line: 'reads' },
        { at, attempt: 1, line: 'writes' },
        { at, attempt: 1, line: '… 312 lines left out' },
        { at, attempt: 2, line: 'again' },
      ],
      omitted: 312,
      seq: expect.any(Number),
    });
    expect(await viewOf(job)).toMatchObject({ status: 'running', attempt: 1 });
    const history = await gateway.get<{ items: { kind: string }[] }>(`/v1/jobs/${job.id}/history`);
    expect(history.body.items.map(({ kind }) => kind)).toEqual(['queued', 'started']);
  });

  it('keeps its documented form', async () => {
    const document = (await gateway.get<OpenApi>('/docs/openapi.json')).body;
    const validate = validatorOf(document);
    const schema = { $ref: '#/components/schemas/JobLog' };
    const job = await newJob();
    await tell(job, logged(1, ['reads']));
    await written(job, 1);
    expect(validate(schema, await logsOf(job))).toEqual([]);
    const { example } = document.components.schemas.JobLog as { example: unknown };
    expect(validate(schema, example)).toEqual([]);
  });

  it('is not there of a job that is not there, whose lines do no harm', async () => {
    const unknown = { id: randomUUID(), type: 'video.transcode' };
    const job = await newJob();
    await tell(unknown, logged(1, ['nobody asked']));
    await tell(job, logged(1, ['reads']));
    await written(job, 1);
    expect(await gateway.get(`/v1/jobs/${unknown.id}/logs`)).toMatchObject({
      status: 404,
      body: { code: 'job.not_found' },
    });
    expect(gateway.log.at('error')).toEqual([]);
  });
});

describe('following a job', () => {
  it('tells the lines written from then on, once each, without an id, and all before the end', async () => {
    const job = await newJob();
    await tell(job, started, logged(1, ['before']));
    await written(job, 1);
    const { seq } = await logsOf(job);
    const follower = await Follower.of(`${gateway.url}/v1/jobs/${job.id}/events?logs=true`);
    const plain = await Follower.of(`${gateway.url}/v1/jobs/${job.id}/events`);
    await until('it hears what was', () => follower.messages.length === 2);
    await tell(job, logged(2, ['one', 'two'], { leftOut: 5, total: 8 }));
    await until('it hears the lines', () => follower.kinds.includes('logged'));
    await tell(job, logged(2, ['one', 'two'], { leftOut: 5, total: 8 }), logged(3, ['three']), succeeded);
    await follower.ended;
    const lines = follower.messages.filter(({ event }) => event === 'logged');
    expect(lines.map(({ id }) => id)).toEqual(lines.map(() => undefined));
    expect(lines.flatMap(({ data }) => (data as unknown as LogView).items.map(({ line }) => line))).toEqual([
      'one',
      'two',
      '… 5 lines left out',
      'three',
    ]);
    expect(lines[0]!.data).toMatchObject({ omitted: 5, items: [{ at, attempt: 1 }, {}, {}] });
    for (const { data } of lines) expect(data.seq).toBeGreaterThan(seq);
    expect(follower.messages.flatMap(({ id }) => id ?? [])).toEqual([1, 2, 3]);
    expect(follower.kinds.at(-1)).toBe('end');
    await plain.ended;
    expect(plain.kinds).toEqual(['queued', 'started', 'succeeded', 'end']);
  });

  it('tells with progress in how many seconds the run would end, as the job does', async () => {
    const job = await newJob();
    const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();
    await tell(job, { ...started, at: ago(60) });
    const follower = await Follower.of(`${gateway.url}/v1/jobs/${job.id}/events`);
    await until('it hears what was', () => follower.messages.length === 2);
    expect((await viewOf(job)).progress).toEqual({ percent: 0 });
    await tell(job, { kind: 'progressed', progress: { percent: 25, message: 'a quarter' } });
    await until('it hears of progress', () => follower.messages.length === 3);
    const told = follower.messages[2]!.data.progress as JobView['progress'];
    for (const progress of [told, (await viewOf(job)).progress]) {
      expect(progress).toEqual({ percent: 25, message: 'a quarter', etaSeconds: expect.any(Number) });
      // Three times as long as it ran, on a machine that may have paused meanwhile.
      expect(progress.etaSeconds).toBeGreaterThan(120);
      expect(progress.etaSeconds).toBeLessThan(200);
    }
    await tell(job, succeeded);
    await follower.ended;
    expect((await viewOf(job)).progress).toEqual({ percent: 100 });
  });
});

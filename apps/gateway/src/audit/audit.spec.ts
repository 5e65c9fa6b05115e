import { randomUUID } from 'node:crypto';
import { encodeEvent, type EventFacts, eventTopic, type Transport } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, type TestGateway, until } from '../gateway.fixtures.js';
import type { JobView } from '../jobs/job-view.js';
import type { AuditEntry } from '../store/index.js';

const secret = 'https://example.com/a.mov?token=s3cret';
const payload = { source: secret, format: 'mp4', height: 240 };
const admin = 'operators-key-0001';

let gateway: TestGateway;
let worker: Transport;
beforeAll(async () => {
  gateway = await openGateway({ apiKeys: [{ name: 'ada', scopes: ['admin'], key: admin }] });
  worker = await createTransport('embedded:', 'worker');
  await worker.connect([]);
});
afterAll(async () => {
  await worker.close();
  await gateway.close();
});

async function call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await gateway.call<T>(method, path, {
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: {
      authorization: `Bearer ${admin}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  });
  return answer.body;
}
const entries = async (): Promise<AuditEntry[]> =>
  (await call<{ items: AuditEntry[] }>('GET', '/v1/audit')).items;

/** What is noted while `work` is done, oldest first. */
async function notedBy(
  work: () => Promise<unknown>,
): Promise<[action: string, target: string, detail: object][]> {
  const known = new Set((await entries()).map(({ id }) => id));
  await work();
  const noted = (await entries()).filter(({ id }) => !known.has(id)).reverse();
  expect(new Set(noted.map(({ who }) => who))).toEqual(new Set(noted.length > 0 ? ['ada'] : []));
  expect(JSON.stringify(noted)).not.toMatch(/s3cret|operators-key/);
  return noted.map(({ action, target, detail }) => [action, target, detail]);
}

const submit = (options: object = {}): Promise<JobView> =>
  call('POST', '/v1/jobs', { type: 'video.transcode', payload, options });

async function tell(job: JobView, facts: EventFacts): Promise<void> {
  const base = { id: randomUUID(), jobId: job.id, jobType: job.type, attempt: 1, release: 0 };
  const event = { ...base, at: new Date().toISOString(), worker: 'worker@here:1', run: 'run', ...facts };
  await worker.publish(eventTopic(event), encodeEvent(event));
}

async function failed(message: string): Promise<JobView> {
  const job = await submit();
  const error = { name: 'Error', code: 'handler.failed', message, retryable: false };
  await tell(job, { kind: 'started' });
  await tell(job, { kind: 'failed', error });
  const isFailed = async (): Promise<boolean> =>
    (await call<JobView>('GET', `/v1/jobs/${job.id}`)).status === 'failed';
  await until('it has failed', isFailed, 30_000);
  return job;
}

describe('the audit trail', () => {
  it('has what is done to one job, once it is done', async () => {
    const { id } = await submit({ delaySeconds: 3_600 });
    const noted = await notedBy(async () => {
      await call('POST', `/v1/jobs/${id}/retry`);
      await call('POST', `/v1/jobs/${id}/cancel`);
      await call('POST', `/v1/jobs/${id}/retry`);
      await call('POST', '/v1/jobs/nobody/cancel');
    });
    expect(noted).toEqual([
      ['job.cancel', id, {}],
      ['job.retry', id, {}],
    ]);
  });

  it('has what is done to a dead letter, and which fields were mended, not how', async () => {
    const [mended, forgotten] = [await failed('mend'), await failed('forget')];
    const noted = await notedBy(async () => {
      await call('POST', `/v1/dead-letters/${mended.id}/redrive`, {
        payload: { ...payload, height: 'tall' },
      });
      await call('POST', `/v1/dead-letters/${mended.id}/redrive`, { payload: { ...payload, height: 480 } });
      await call('DELETE', `/v1/dead-letters/${forgotten.id}`);
    });
    expect(noted).toEqual([
      ['dead-letter.redrive', mended.id, { mended: ['height'] }],
      ['dead-letter.discard', forgotten.id, {}],
    ]);
  });

  it('has what is done to many as one entry, with its filter, its count and its rate', async () => {
    const jobs = [await failed('many'), await failed('many'), await failed('many')];
    const ids = jobs.map(({ id }) => id);
    const noted = await notedBy(async () => {
      const patch = { source: `${secret}&more`, height: 360 };
      await call('POST', '/v1/dead-letters/redrive', { ids: ids.slice(0, 2), patch, perSecond: 10 });
      await call('POST', '/v1/dead-letters/discard', { type: 'video.transcode' });
      await call('POST', '/v1/dead-letters/discard', {});
    });
    expect(noted).toEqual([
      [
        'dead-letters.redrive',
        'dead-letters',
        {
          ids: ids.slice(0, 2),
          idsInAll: 2,
          patched: ['source', 'height'],
          perSecond: 10,
          redriven: 2,
          refused: 0,
        },
      ],
      ['dead-letters.discard', 'video.transcode', { type: 'video.transcode', discarded: 1 }],
    ]);
  });

  it('has what is done to a schedule, from its making to its end', async () => {
    const body = { name: 'nightly', cron: '0 3 1 1 *', type: 'video.transcode', payload };
    let id = '';
    let jobId = '';
    const noted = await notedBy(async () => {
      id = (await call<{ id: string }>('POST', '/v1/schedules', body)).id;
      await call('POST', '/v1/schedules', body);
      await call('PATCH', `/v1/schedules/${id}`, { payload, options: { priority: 'high' } });
      await call('POST', `/v1/schedules/${id}/pause`);
      await call('POST', `/v1/schedules/${id}/resume`);
      jobId = (await call<JobView>('POST', `/v1/schedules/${id}/run`)).id;
      await call('DELETE', `/v1/schedules/${id}`);
      await call('DELETE', `/v1/schedules/${id}`);
    });
    const name = 'nightly';
    expect(noted).toEqual([
      ['schedule.create', id, { name, type: 'video.transcode', cron: '0 3 1 1 *', timezone: 'UTC' }],
      ['schedule.edit', id, { name, fields: ['options'] }],
      ['schedule.pause', id, { name }],
      ['schedule.resume', id, { name }],
      ['schedule.run', id, { jobId }],
      ['schedule.delete', id, { name }],
    ]);
  });
});

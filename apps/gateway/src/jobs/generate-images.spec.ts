import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, type ProblemBody, type TestGateway } from '../gateway.fixtures.js';
import type { JobView } from './job-view.js';

const path = '/v1/images/generate';
let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway()));
afterAll(() => gateway.close());

describe('POST /v1/images/generate', () => {
  it('answers with the job that it made of the body', async () => {
    const payload = { prompt: 'a fox in the snow', seed: 7, width: 640, height: 384, count: 2 };
    const { status, headers, body } = await gateway.post<JobView>(path, payload);
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/jobs/${body.id}`);
    expect(body).toMatchObject({ type: 'image.generate', status: 'queued', payload, maxAttempts: 8 });
    expect((await gateway.get(`/v1/jobs/${body.id}`)).body).toEqual(body);
  });

  it('takes a prompt alone', async () => {
    const { status, body } = await gateway.post<JobView>(path, { prompt: 'a fox' });
    expect([status, body.payload]).toEqual([202, { prompt: 'a fox' }]);
  });

  it('names every wrong field', async () => {
    const wrong = { prompt: '  ', seed: -1, width: 63, height: 2_049, count: 9, style: 'oil' };
    const { status, headers, body } = await gateway.post<ProblemBody>(path, wrong);
    expect([status, body.code]).toEqual([422, 'job.invalid']);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect([...new Set(body.errors?.map((error) => error.path))].sort()).toEqual(
      ['count', 'height', 'prompt', 'seed', 'style', 'width'].map((field) => `payload.${field}`),
    );
  });

  it.each([[[]], ['text'], [null], [7]])('refuses %j, which is no object', async (body) => {
    const { status, body: problem } = await gateway.post<ProblemBody>(path, body);
    expect([400, 422]).toContain(status);
    expect(problem.code).toMatch(/^(job\.invalid|body\.)/);
  });

  it('finds the same job by its Idempotency-Key, and refuses the key for another prompt', async () => {
    const send = (prompt: string) =>
      gateway.call<{ id: string }>('POST', path, {
        body: JSON.stringify({ prompt }),
        headers: { 'content-type': 'application/json', 'idempotency-key': 'fox-1' },
      });
    const first = await send('a fox');
    expect(await send('a fox')).toMatchObject({ status: 202, body: { id: first.body.id } });
    expect(await send('a wolf')).toMatchObject({ status: 422, body: { code: 'idempotency.key_reused' } });
  });

  it('takes no file', async () => {
    const form = new FormData();
    form.append('prompt', 'a fox');
    const { status, body } = await gateway.call<ProblemBody>('POST', path, { body: form });
    expect([status, body.code]).toEqual([415, 'body.type_unsupported']);
  });
});

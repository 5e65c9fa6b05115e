import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, type TestGateway, until } from '../gateway.fixtures.js';
import { type EmbeddedWorker, startEmbeddedWorker } from '../workers/embedded-worker.fixtures.js';
import { type Json, type OpenApi, validatorOf } from './openapi.fixtures.js';

let gateway: TestGateway;
let worker: EmbeddedWorker;
let document: OpenApi;
let validate: (schema: Json, value: unknown) => readonly string[];
beforeAll(async () => {
  gateway = await openGateway();
  worker = await startEmbeddedWorker();
  const isSeen = async (): Promise<boolean> =>
    (await gateway.get<{ items: { id: string }[] }>('/v1/workers')).body.items.some(
      ({ id }) => id === worker.name,
    );
  await until('the worker is seen', isSeen, 25_000);
  document = (await gateway.get<OpenApi>('/docs/openapi.json')).body;
  validate = validatorOf(document);
});
afterAll(async () => {
  await worker.stop();
  await gateway.close();
});

const path = (template: string): string =>
  template.replace('{name}', 'image.resize').replace('{id}', encodeURIComponent(worker.name));

async function call(method: string, template: string, body?: unknown) {
  const answer = await gateway.call(method.toUpperCase(), path(template), {
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  });
  const operation = document.paths[template]![method]!;
  const described = operation.responses[String(answer.status)]?.content?.['application/json'];
  return { ...answer, wrong: described ? validate(described.schema, answer.body) : ['is not described'] };
}

describe('the documented steering', () => {
  it.each([
    ['/v1/queues/{name}/rate', 'put'],
    ['/v1/queues/{name}/purge', 'post'],
    ['/v1/workers/{id}/concurrency', 'put'],
  ])('%s has examples, which keep the schema and are taken', async (template, method) => {
    const { schema, examples } = document.paths[template]![method]!.requestBody!.content['application/json']!;
    const values = Object.values(examples ?? {}).map((example) => (example as { value: unknown }).value);
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) {
      expect(validate(schema, value)).toEqual([]);
      const { status, wrong } = await call(method, template, value);
      expect([template, status, wrong]).toEqual([template, 200, []]);
    }
    expect(validate(schema, {})).not.toEqual([]);
  });

  it.each([
    ['get', '/v1/queues'],
    ['get', '/v1/queues/{name}'],
    ['post', '/v1/queues/{name}/pause'],
    ['post', '/v1/queues/{name}/resume'],
    ['get', '/v1/workers'],
    ['post', '/v1/workers/{id}/drain'],
    ['post', '/v1/workers/{id}/resume'],
    ['get', '/v1/audit'],
  ])('%s %s answers as it says', async (method, template) => {
    const { status, wrong } = await call(method, template, method === 'post' ? {} : undefined);
    expect([template, status, wrong]).toEqual([template, 200, []]);
  });

  it('says why a job waits as it says', async () => {
    const { body: job } = await gateway.post<{ id: string }>('/v1/jobs', {
      type: 'video.transcode',
      payload: { source: 'https://example.com/a.mov', format: 'mp4' },
    });
    const { status, body } = await gateway.get<Json>(`/v1/jobs/${job.id}/why`);
    expect([status, body.jobId, body.status, body.cause]).toEqual([200, job.id, 'queued', 'no-worker']);
    expect(validate({ $ref: '#/components/schemas/Waiting' }, body)).toEqual([]);
    expect((await gateway.get('/v1/jobs/none/why')).status).toBe(404);
  });
});

import { jobTypes } from '@heavylift/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formOf, openGateway, storeFile, type TestGateway } from '../gateway.fixtures.js';
import { type Json, type OpenApi, type Operation, validatorOf } from './openapi.fixtures.js';

let gateway: TestGateway;
let document: OpenApi;
let validate: (schema: Json, value: unknown) => readonly string[];
beforeAll(async () => {
  gateway = await openGateway();
  document = (await gateway.get<OpenApi>('/docs/openapi.json')).body;
  validate = validatorOf(document);
});
afterAll(() => gateway.close());

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === '$ref' ? [String(part)] : referencesIn(part),
  );
}

function at(pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Json | undefined)?.[key], document);
}

const operations = (): [route: string, operation: Operation][] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

const bodyOf = (path: string, type = 'application/json', method = 'post') =>
  document.paths[path]![method]!.requestBody!.content[type]!;

describe('the OpenAPI document', () => {
  it('is one of version 3.0, with nothing from outside', () => {
    expect(document.openapi).toMatch(/^3\.0\./);
    expect(referencesIn(document).every((ref) => ref.startsWith('#/'))).toBe(true);
    expect(document.components.securitySchemes).toMatchObject({ bearer: { scheme: 'bearer', type: 'http' } });
  });

  it('has every thing that it refers to', () => {
    const references = [...new Set(referencesIn(document))];
    expect(references.length).toBeGreaterThan(3);
    expect(references.filter((ref) => at(ref) === undefined)).toEqual([]);
  });

  it('has every route, and says what each is for', () => {
    const routes = operations();
    expect(routes.map(([route]) => route).sort()).toEqual(
      [
        'DELETE /v1/assets/{id}',
        'GET /v1/assets/{id}',
        'GET /v1/assets/{id}/content',
        'GET /v1/dead-letters',
        'GET /v1/dead-letters/{id}',
        'DELETE /v1/dead-letters/{id}',
        'POST /v1/dead-letters/{id}/redrive',
        'POST /v1/dead-letters/redrive',
        'POST /v1/dead-letters/discard',
        'POST /v1/jobs/{id}/retry',
        'POST /v1/jobs/cancel',
        'POST /v1/jobs/retry',
        'GET /v1/events',
        'GET /v1/jobs',
        'GET /v1/jobs/{id}',
        'GET /v1/jobs/{id}/events',
        'GET /v1/jobs/{id}/history',
        'GET /v1/jobs/{id}/logs',
        'GET /v1/statistics',
        'GET /v1/jobs/{id}/why',
        'GET /v1/queues',
        'GET /v1/queues/{name}',
        'POST /v1/queues/{name}/pause',
        'POST /v1/queues/{name}/purge',
        'POST /v1/queues/{name}/resume',
        'PUT /v1/queues/{name}/rate',
        'GET /v1/workers',
        'POST /v1/workers/{id}/drain',
        'POST /v1/workers/{id}/resume',
        'PUT /v1/workers/{id}/concurrency',
        'GET /v1/audit',
        'GET /health/live',
        'GET /health/ready',
        'GET /metrics',
        'POST /v1/assets',
        'POST /v1/images',
        'POST /v1/images/generate',
        'POST /v1/jobs',
        'POST /v1/jobs/batch',
        'POST /v1/jobs/{id}/cancel',
        'POST /v1/videos',
        'DELETE /v1/schedules/{id}',
        'GET /v1/schedules',
        'GET /v1/schedules/preview',
        'GET /v1/schedules/{id}',
        'PATCH /v1/schedules/{id}',
        'POST /v1/schedules',
        'POST /v1/schedules/{id}/pause',
        'POST /v1/schedules/{id}/resume',
        'POST /v1/schedules/{id}/run',
      ].sort(),
    );
    for (const [route, operation] of routes.filter(([route]) => route.includes('/v1/'))) {
      expect([route, operation.summary]).toEqual([route, expect.stringMatching(/./)]);
      const parameters = operation.parameters?.filter((one) => one.in === 'path').map((one) => one.name);
      expect([route, parameters]).toEqual([route, [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)]);
      const statuses = Object.keys(operation.responses).filter((status) => /^2/.test(status));
      for (const status of statuses) expect(operation.responses[status]!.description).toMatch(/./);
      expect(statuses.length).toBeGreaterThan(0);
      expect(operation).toMatchObject({ security: [{ bearer: [] }, {}] });
      expect(operation.responses.default!.content).toHaveProperty(['application/problem+json']);
    }
    const ids = routes.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has the page that shows it', async () => {
    const page = await gateway.call<string>('GET', '/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/html/);
  });

  it('has a schema for the payload and the result of every job type', () => {
    for (const job of jobTypes.values()) {
      expect(document.components.schemas[job.payload.name]).toMatchObject({ type: 'object' });
      expect(document.components.schemas[job.result.name]).toMatchObject({ type: 'object' });
    }
  });
});

describe('the examples', () => {
  it.each([...jobTypes.keys()])('of %s keep the schema, and are taken', async (type) => {
    const { schema, examples } = bodyOf('/v1/jobs');
    const { value } = examples![type] as { value: unknown };
    expect(validate(schema, value)).toEqual([]);
    const { status, body } = await gateway.post('/v1/jobs', value);
    expect(status).toBe(202);
    expect(validate({ $ref: '#/components/schemas/Job' }, body)).toEqual([]);
  });

  it('of a batch keep the schema, and are taken', async () => {
    const { schema, example } = bodyOf('/v1/jobs/batch');
    expect(validate(schema, example)).toEqual([]);
    expect((await gateway.post('/v1/jobs/batch', example)).status).toBe(202);
  });

  it.each(['redrive', 'discard'])('of dead letters to %s keep the schema, and are taken', async (what) => {
    const { schema, example } = bodyOf(`/v1/dead-letters/${what}`);
    expect(validate(schema, example)).toEqual([]);
    const { status, body } = await gateway.post<Json>(`/v1/dead-letters/${what}`, example);
    expect([202, 200]).toContain(status);
    if (what === 'redrive') expect(validate({ $ref: '#/components/schemas/Redriven' }, body)).toEqual([]);
  });

  it.each(['cancel', 'retry'])(
    'of what is done to many jobs, %s, keep the schema, and are taken',
    async (what) => {
      const { schema, examples } = bodyOf(`/v1/jobs/${what}`);
      for (const { value } of Object.values(examples!) as { value: unknown }[]) {
        expect(validate(schema, value)).toEqual([]);
        const { status, body } = await gateway.post<Json>(`/v1/jobs/${what}`, value);
        expect([status, validate({ $ref: '#/components/schemas/BulkAnswer' }, body)]).toEqual([200, []]);
      }
      expect(validate(schema, { status: 'succeeded' })).not.toEqual([]);
    },
  );

  it.each([...jobTypes.keys()])('of a schedule for %s keep the schema, and are taken', async (type) => {
    const { schema, examples } = bodyOf('/v1/schedules');
    const { value } = examples![type] as { value: unknown };
    expect(validate(schema, value)).toEqual([]);
    const { status, body } = await gateway.post<{ id: string }>('/v1/schedules', value);
    expect(status).toBe(201);
    const made = { $ref: '#/components/schemas/Schedule' };
    expect(validate(made, body)).toEqual([]);
    const change = bodyOf('/v1/schedules/{id}', 'application/json', 'patch');
    expect(validate(change.schema, change.example)).toEqual([]);
    const changed = await gateway.call('PATCH', `/v1/schedules/${body.id}`, {
      body: JSON.stringify(change.example),
      headers: { 'content-type': 'application/json' },
    });
    expect([changed.status, validate(made, changed.body)]).toEqual([200, []]);
    const run = await gateway.call('POST', `/v1/schedules/${body.id}/run`);
    expect([run.status, validate({ $ref: '#/components/schemas/Job' }, run.body)]).toEqual([202, []]);
  });

  it('of generated pictures keeps the schema, and is taken', async () => {
    const { schema, example } = bodyOf('/v1/images/generate');
    expect(validate(schema, example)).toEqual([]);
    const { status, body } = await gateway.post('/v1/images/generate', example);
    expect(status).toBe(202);
    expect(validate({ $ref: '#/components/schemas/Job' }, body)).toEqual([]);
  });

  it('are one of the job types each, not two', () => {
    const { schema } = bodyOf('/v1/jobs');
    expect(validate(schema, { type: 'video.transcode', payload: {} })).not.toEqual([]);
    expect(validate(schema, { type: 'no.such', payload: {} })).not.toEqual([]);
  });
});

describe('the answers', () => {
  it('keep their schemas', async () => {
    const source = 'https://example.com/clip.mov';
    const options = { delaySeconds: 60 };
    const payload = { source, format: 'mp4' };
    const { body } = await gateway.post('/v1/jobs', { type: 'video.transcode', payload, options });
    expect(validate({ $ref: '#/components/schemas/Job' }, body)).toEqual([]);
    const problem = await gateway.post('/v1/jobs', { type: 'video.transcode', payload: {} });
    expect(validate({ $ref: '#/components/schemas/Problem' }, problem.body)).toEqual([]);
    const missing = await gateway.get('/v1/jobs/x');
    expect(validate({ $ref: '#/components/schemas/Problem' }, missing.body)).toEqual([]);
    const asset = await storeFile(gateway, 'x');
    expect(validate({ $ref: '#/components/schemas/Asset' }, asset)).toEqual([]);
    const schedules = await gateway.get('/v1/schedules?limit=1');
    expect(validate({ $ref: '#/components/schemas/SchedulePage' }, schedules.body)).toEqual([]);
    const preview = await gateway.get('/v1/schedules/preview?cron=@daily');
    expect(validate({ $ref: '#/components/schemas/SchedulePreview' }, preview.body)).toEqual([]);
    const page = await gateway.get('/v1/jobs?limit=1');
    expect(validate({ $ref: '#/components/schemas/JobPage' }, page.body)).toEqual([]);
    const { id } = (await gateway.get<{ items: { id: string; status: string }[] }>('/v1/jobs?status=queued'))
      .body.items[0]!;
    const history = await gateway.get<{ items: unknown[] }>(`/v1/jobs/${id}/history`);
    expect(validate({ $ref: '#/components/schemas/JobEvent' }, history.body.items[0])).toEqual([]);
  });

  it('of the uploads are as the forms say', async () => {
    expect((await storeFile(gateway, 'x')).bytes).toBe(1);
    for (const [path, required] of [
      ['/v1/videos', ['file', 'format']],
      ['/v1/images', ['file', 'variants']],
      ['/v1/assets', ['file']],
    ] as const) {
      const { schema } = bodyOf(path, 'multipart/form-data');
      expect([path, schema.required]).toEqual([path, required]);
      expect((schema.properties as Json).file).toMatchObject({ type: 'string', format: 'binary' });
      expect(schema.properties).not.toHaveProperty('source');
    }
    const photo = new Uint8Array([0, 255, 1, 2]);
    const fields = { variants: '[{"name":"a","format":"png"}]' };
    const { status } = await gateway.call('POST', '/v1/images', { body: formOf(photo, { after: fields }) });
    expect(status).toBe(202);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { type OpenApi, validatorOf } from '../docs/openapi.fixtures.js';
import { openGateway, type ProblemBody, type TestGateway } from '../gateway.fixtures.js';
import { type EmptyDatabase, emptySqlite } from '../store/databases.fixtures.js';
import { openJobStore } from '../store/index.js';
import type { JobView } from './job-view.js';

const routes: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/v1/jobs/{id}'],
  ['GET', '/v1/jobs/{id}/history'],
  ['GET', '/v1/jobs/{id}/logs'],
  ['GET', '/v1/jobs/{id}/events'],
  ['GET', '/v1/jobs/{id}/why'],
  ['POST', '/v1/jobs/{id}/cancel'],
  ['POST', '/v1/jobs/{id}/retry'],
  ['GET', '/v1/dead-letters/{id}'],
  ['POST', '/v1/dead-letters/{id}/redrive'],
  ['DELETE', '/v1/dead-letters/{id}'],
];
const job = { type: 'video.transcode', payload: { source: 'https://example.com/a.mov', format: 'mp4' } };
const headers = (key: string): Record<string, string> => ({
  'content-type': 'application/json',
  'idempotency-key': key,
});

describe('a job that has expired', () => {
  let database: EmptyDatabase;
  let gateway: TestGateway;
  let expired: JobView;

  const submit = <T>(path: string, body: object, key: string) =>
    gateway.call<T>('POST', path, { body: JSON.stringify(body), headers: headers(key) });
  const ask = (method: string, path: string, id: string) =>
    gateway.call<ProblemBody>(method, path.replace('{id}', id), {
      ...(path.endsWith('redrive') ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
    });

  beforeAll(async () => {
    database = await emptySqlite();
    gateway = await openGateway({ database: database.url });
    expired = (await submit<JobView>('/v1/jobs', job, 'one')).body;
    const batch = (await submit<{ items: JobView[] }>('/v1/jobs/batch', { jobs: [job, job] }, 'many')).body;
    // One of the batch goes on.
    for (const { id } of [expired, batch.items[0]!]) await gateway.post(`/v1/jobs/${id}/cancel`, {});
    await gateway.close();
    const store = await openJobStore(database.url);
    expect(await store.removeExpired(Date.now() + 60_000, 500)).toBe(2);
    await store.close();
    gateway = await openGateway({ database: database.url });
  });
  afterAll(async () => {
    await gateway.close();
    await database.remove();
  });

  it.each(routes)('is 410 by %s %s, and one that never was is 404', async (method, path) => {
    const gone = await ask(method, path, expired.id);
    expect([gone.status, gone.headers.get('content-type')]).toEqual([410, expect.stringMatching(/problem/)]);
    expect(gone.body).toMatchObject({ status: 410, title: 'Gone', code: 'job.expired' });
    expect(gone.body.detail).toMatch(/RETENTION_DAYS/);
    expect(gone.body.detail).toContain(expired.id);
    const never = await ask(method, path, uuidv7());
    expect([never.status, never.body.code]).toEqual([404, expect.stringMatching(/\.not_found$/)]);
  });

  it('is in no list', async () => {
    const { items } = (await gateway.get<{ items: JobView[] }>('/v1/jobs?limit=100')).body;
    expect(items).toHaveLength(1);
    expect(items[0]!.id).not.toBe(expired.id);
  });

  it('is 410 by the key that made it, and no other job is made', async () => {
    const again = await submit<ProblemBody>('/v1/jobs', job, 'one');
    expect([again.status, again.body.code]).toEqual([410, 'job.expired']);
    const batch = await submit<ProblemBody>('/v1/jobs/batch', { jobs: [job, job] }, 'many');
    expect([batch.status, batch.body.code]).toEqual([410, 'job.expired']);
    expect((await submit<ProblemBody>('/v1/jobs/batch', { jobs: [job] }, 'many')).status).toBe(422);
    expect((await gateway.get<{ items: unknown[] }>('/v1/jobs?limit=100')).body.items).toHaveLength(1);
  });

  it('is documented at each of these routes, with an example of the very form', async () => {
    const document = (await gateway.get<OpenApi>('/docs/openapi.json')).body;
    const validate = validatorOf(document);
    const { body } = await ask('GET', '/v1/jobs/{id}', expired.id);
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((method) => item[method]!.responses['410'])
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.toSorted()).toEqual(routes.map((route) => route.join(' ')).toSorted());
    for (const [method, path] of routes) {
      const { schema, example } = document.paths[path]![method.toLowerCase()]!.responses['410']!.content![
        'application/problem+json'
      ]! as { schema: Record<string, unknown>; example: ProblemBody };
      expect(validate(schema, example)).toEqual([]);
      expect({ ...example, detail: '' }).toEqual({ ...body, detail: '' });
    }
  });
});

import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  formOf,
  openGateway,
  type ProblemBody,
  rawBytes,
  storeFile,
  type TestGateway,
  until,
} from '../gateway.fixtures.js';

const job = { type: 'video.transcode', payload: { source: 'https://example.com/a.mov', format: 'mp4' } };

let gateway: TestGateway;
/** Changes the database behind the gateway's back, between two of its own transactions. */
async function change(sql: string, then = (): void => {}): Promise<void> {
  await until('the database is free', () => {
    const database = new DatabaseSync(gateway.database);
    try {
      database.exec(sql);
      const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
      if (busy === 0) then();
      return busy === 0;
    } catch (error) {
      if (/locked/.test((error as Error).message)) return false;
      throw error;
    } finally {
      database.close();
    }
  });
}

function expectProblem({ status, headers, body }: Answer<ProblemBody>, code: string): void {
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toEqual({
    type: `urn:heavylift:problem:${code}`,
    title: expect.stringMatching(/^[A-Z]/),
    status,
    code,
    detail: expect.stringMatching(/./),
    ...(body.errors ? { errors: expect.any(Array) } : {}),
  });
}

describe('every error is a problem', () => {
  beforeAll(async () => void (gateway = await openGateway()));
  afterAll(() => gateway.close());

  it.each([
    ['GET', '/v1/nothing', 404, 'route.not_found'],
    ['GET', '/nothing.html', 404, 'route.not_found'],
    ['GET', '/v1/jobs/', 404, 'route.not_found'],
    ['PUT', '/v1/jobs', 404, 'route.not_found'],
    ['DELETE', '/v1/jobs/x', 404, 'route.not_found'],
    ['PATCH', '/', 404, 'route.not_found'],
    ['GET', '/v1/jobs/x', 404, 'job.not_found'],
    ['GET', '/v1/assets/x', 404, 'asset.not_found'],
    ['GET', '/v1/jobs?limit=0', 400, 'query.invalid'],
    ['GET', '/%', 400, 'request.invalid'],
    ['GET', '/v1/jobs/%c0%ae', 400, 'request.invalid'],
    ['GET', `/v1/jobs/${'x'.repeat(3_000)}`, 414, 'path.too_long'],
    ['GET', '/..%2f..%2fetc%2fpasswd', 404, 'route.not_found'],
    ['GET', '/%2e%2e/%2e%2e/etc/passwd', 404, 'route.not_found'],
    ['GET', '/index.html%00.js', 404, 'route.not_found'],
  ])('%s %.40s is %d %s', async (method, path, status, code) => {
    const answer = await gateway.call<ProblemBody>(method, path);
    expect(answer.status).toBe(status);
    expectProblem(answer, code);
  });

  it('also what a body does wrong', async () => {
    for (const [body, type, code] of [
      ['{', 'application/json', 'body.invalid_json'],
      ['{}', 'text/plain', 'body.type_unsupported'],
      ['{}', 'application/json', 'job.invalid'],
      ['{"__proto__":1}', 'application/json', 'body.invalid_json'],
    ] as const)
      expectProblem(
        await gateway.call<ProblemBody>('POST', '/v1/jobs', { body, headers: { 'content-type': type } }),
        code,
      );
  });

  it('and what is no HTTP gets an answer, and leaves the gateway well', async () => {
    for (const bytes of ['\0\0\0\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n'])
      expect(await rawBytes(gateway.url, bytes, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 (400|404|405|505)/);
    const long = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await rawBytes(gateway.url, long, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 431/);
    expect((await gateway.get('/health/live')).status).toBe(200);
  });

  it('and HEAD has the same status without a body', async () => {
    const { status, body } = await gateway.call('HEAD', '/v1/assets/x/content');
    expect([status, body]).toEqual([404, '']);
  });
});

describe('what nobody foresaw', () => {
  beforeEach(async () => void (gateway = await openGateway()));
  afterEach(() => gateway.close());

  it('is a 500 that shows nothing from inside; the log says what it was', async () => {
    await change('ALTER TABLE assets RENAME TO hidden');
    const { status, headers, body } = await gateway.get<ProblemBody>('/v1/assets/x');
    expectProblem({ status, headers, body }, 'internal');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/sqlite|no such|assets|\.ts|\/tmp/i);
    expect(gateway.log.at('error')).toEqual([expect.stringMatching(/no such table: assets/)]);
  });

  it('leaves no file behind when an upload meets it', async () => {
    await change('ALTER TABLE assets RENAME TO hidden');
    const { status } = await gateway.call('POST', '/v1/assets', { body: formOf('x') });
    expect(status).toBe(500);
    expect(await gateway.files()).toEqual([]);
  });

  it('a file that is gone from the disk is a problem, not half an answer', async () => {
    const asset = await storeFile(gateway, 'x'.repeat(1_000));
    for (const path of await gateway.files()) await rm(path);
    const answer = await gateway.get<ProblemBody>(`/v1/assets/${asset.id}/content`);
    expect(answer.status).toBe(500);
    expectProblem(answer, 'internal');
    expect(answer.headers.get('etag')).toBeNull();
    expect(answer.headers.get('content-disposition')).toBeNull();
  });
});

describe('a store that cannot be used', () => {
  beforeAll(async () => {
    gateway = await openGateway();
    // After a change the gateway reads the file anew, and finds no database in it.
    await change('CREATE TABLE IF NOT EXISTS more (x)', () =>
      writeFileSync(gateway.database, Buffer.alloc(200_000, 7)),
    );
  });
  afterAll(() => gateway.close());

  it('is 503 with Retry-After, wherever it is needed', async () => {
    for (const answer of [
      await gateway.post<ProblemBody>('/v1/jobs', job),
      await gateway.get<ProblemBody>('/v1/jobs'),
      await gateway.get<ProblemBody>('/v1/jobs/x'),
      await gateway.get<ProblemBody>('/v1/assets/x'),
    ]) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      expectProblem(answer, 'store.unavailable');
      expect(answer.body.detail).not.toMatch(/\/tmp/);
    }
  });

  it('makes the gateway not ready, and alive', async () => {
    const { status, body } = await gateway.get<{ details: object }>('/health/ready');
    expect(status).toBe(503);
    expect(body.details).toMatchObject({ database: { status: 'down' }, storage: { status: 'up' } });
    expect((await gateway.get('/health/live')).status).toBe(200);
  });

  it('leaves no file behind when an upload meets it', async () => {
    const { status } = await gateway.call('POST', '/v1/assets', { body: formOf('x') });
    expect(status).toBe(503);
    expect(await gateway.files()).toEqual([]);
  });
});

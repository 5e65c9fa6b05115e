import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SettingsError } from '@heavylift/nestjs';
import {
  type Answer,
  openGateway,
  type ProblemBody,
  rawBytes,
  type TestGateway,
} from '../gateway.fixtures.js';

const keys = { reader: 'reader-key-0001', writer: 'writer-key-0002', admin: 'admin-key-0003' } as const;
const apiKeys = [
  { name: 'reader', scopes: ['read'], key: keys.reader },
  { name: 'writer', scopes: ['write'], key: keys.writer },
  { name: 'admin', scopes: ['admin'], key: keys.admin },
] as const;
const job = { type: 'video.transcode', payload: { source: 'https://example.com/a.mov', format: 'mp4' } };
const unknown = '00000000-0000-7000-8000-000000000000';

/** Every route that needs a key, with its scope. */
const guarded: readonly (readonly [method: string, path: string, scope: 'read' | 'write' | 'admin'])[] = [
  ['GET', '/v1/jobs', 'read'],
  ['GET', `/v1/jobs/${unknown}`, 'read'],
  ['GET', `/v1/jobs/${unknown}/history`, 'read'],
  ['GET', `/v1/jobs/${unknown}/logs`, 'read'],
  ['GET', `/v1/jobs/${unknown}/events`, 'read'],
  ['GET', `/v1/assets/${unknown}`, 'read'],
  ['GET', `/v1/assets/${unknown}/content`, 'read'],
  ['HEAD', `/v1/assets/${unknown}/content`, 'read'],
  ['POST', '/v1/jobs', 'write'],
  ['POST', '/v1/jobs/batch', 'write'],
  ['POST', `/v1/jobs/${unknown}/cancel`, 'write'],
  ['POST', '/v1/assets', 'write'],
  ['POST', '/v1/videos', 'write'],
  ['POST', '/v1/images', 'write'],
  ['DELETE', `/v1/assets/${unknown}`, 'write'],
  ['GET', '/v1/schedules', 'read'],
  ['GET', '/v1/schedules/preview', 'read'],
  ['GET', `/v1/schedules/${unknown}`, 'read'],
  ['POST', '/v1/schedules', 'write'],
  ['PATCH', `/v1/schedules/${unknown}`, 'write'],
  ['DELETE', `/v1/schedules/${unknown}`, 'write'],
  ['POST', `/v1/schedules/${unknown}/pause`, 'write'],
  ['POST', `/v1/schedules/${unknown}/resume`, 'write'],
  ['POST', `/v1/schedules/${unknown}/run`, 'write'],
  ['GET', `/v1/jobs/${unknown}/why`, 'read'],
  ['GET', '/v1/queues', 'read'],
  ['GET', `/v1/queues/${unknown}`, 'read'],
  ['POST', `/v1/queues/${unknown}/pause`, 'admin'],
  ['POST', `/v1/queues/${unknown}/resume`, 'admin'],
  ['POST', `/v1/queues/${unknown}/purge`, 'admin'],
  ['PUT', `/v1/queues/${unknown}/rate`, 'admin'],
  ['GET', '/v1/workers', 'read'],
  ['POST', `/v1/workers/${unknown}/drain`, 'admin'],
  ['POST', `/v1/workers/${unknown}/resume`, 'admin'],
  ['PUT', `/v1/workers/${unknown}/concurrency`, 'admin'],
  ['GET', '/v1/audit', 'read'],
  ['GET', '/v1/events', 'read'],
  ['GET', '/v1/statistics', 'read'],
  ['POST', '/v1/images/generate', 'write'],
  ['POST', `/v1/jobs/${unknown}/retry`, 'write'],
  ['POST', '/v1/jobs/cancel', 'write'],
  ['POST', '/v1/jobs/retry', 'write'],
  ['GET', '/v1/dead-letters', 'read'],
  ['GET', `/v1/dead-letters/${unknown}`, 'read'],
  ['DELETE', `/v1/dead-letters/${unknown}`, 'write'],
  ['POST', `/v1/dead-letters/${unknown}/redrive`, 'write'],
  ['POST', '/v1/dead-letters/redrive', 'write'],
  ['POST', '/v1/dead-letters/discard', 'write'],
];

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway({ apiKeys, host: '0.0.0.0' })));
afterAll(() => gateway.close());

const url = (): string => gateway.url.replace('0.0.0.0', '127.0.0.1');

async function ask(method: string, path: string, authorization?: string): Promise<Answer<ProblemBody>> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const body =
    method === 'POST' || method === 'PUT'
      ? JSON.stringify(path.endsWith('batch') ? { jobs: [job] } : job)
      : undefined;
  const response = await fetch(url() + path, {
    method,
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body } : {}),
  });
  // A stream does not end by itself.
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (isStream) await response.body?.cancel();
  const text = isStream ? '' : await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text.startsWith('{') ? JSON.parse(text) : {}) as ProblemBody,
  };
}

describe('a gateway with keys', () => {
  it('guards every route of the API', async () => {
    const { paths } = (await (await fetch(`${url()}/docs/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const routes = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/, unknown)}`),
    );
    const open = routes.filter((route) => / \/(health\/|metrics)/.test(route));
    const known = guarded.map(([method, path]) => `${method} ${path}`);
    expect(routes.filter((route) => !open.includes(route)).sort()).toEqual(
      known.filter((route) => !route.startsWith('HEAD')).sort(),
    );
  });

  it.each(guarded)('answers 401 to %s %s without a key', async (method, path) => {
    const { status, headers, body } = await ask(method, path);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    if (method !== 'HEAD') expect(body.code).toBe('auth.missing');
  });

  it.each([
    ['Basic cmVhZGVyLWtleS0wMDAx', 'auth.missing'],
    [keys.reader, 'auth.missing'],
    ['Bearer', 'auth.missing'],
    [`Bearer ${keys.reader} more`, 'auth.missing'],
    ['Bearer wrong', 'auth.invalid_key'],
    [`Bearer ${keys.reader}x`, 'auth.invalid_key'],
    [`Bearer ${keys.reader.slice(0, -1)}`, 'auth.invalid_key'],
    [`Bearer ${keys.reader.toUpperCase()}`, 'auth.invalid_key'],
    [`Bearer ${'x'.repeat(10_000)}`, 'auth.invalid_key'],
    ['Bearer null', 'auth.invalid_key'],
  ])('answers 401 to "%.30s"', async (authorization, code) => {
    const { status, headers, body } = await ask('GET', '/v1/jobs', authorization);
    expect([status, headers.get('www-authenticate'), body.code]).toEqual([401, 'Bearer', code]);
  });

  it('does not take a key out of the address', async () => {
    expect((await ask('GET', `/v1/jobs?key=${keys.admin}`)).status).toBe(401);
    expect((await ask('GET', `/v1/jobs?access_token=${keys.admin}`)).status).toBe(401);
  });

  it('takes the scheme in any case', async () => {
    expect((await ask('GET', '/v1/jobs', `bearer ${keys.reader}`)).status).toBe(200);
  });

  it.each(guarded)('answers %s %s by scope %s', async (method, path, scope) => {
    const [holder, other] = (
      {
        read: ['reader', 'writer'],
        write: ['writer', 'reader'],
        admin: ['admin', 'writer'],
      } as const
    )[scope];
    const refused = await ask(method, path, `Bearer ${keys[other]}`);
    expect(refused.status).toBe(403);
    if (method !== 'HEAD')
      expect(refused.body).toMatchObject({
        code: 'auth.scope_required',
        detail: `the key "${other}" lacks the scope "${scope}"`,
      });
    for (const name of [holder, 'admin'] as const)
      expect([401, 403]).not.toContain((await ask(method, path, `Bearer ${keys[name]}`)).status);
  });

  it.each(['/health/live', '/health/ready', '/metrics', '/docs', '/docs/openapi.json', '/', '/index.html'])(
    'leaves %s open',
    async (path) => {
      expect((await ask('GET', path)).status).toBe(200);
      expect((await ask('GET', path, 'Bearer wrong')).status).toBe(200);
    },
  );

  it('stores nothing for a client without a key', async () => {
    const before = await gateway.files();
    const form = new FormData();
    form.append('file', new Blob([Buffer.alloc(600_000)]), 'a.bin');
    form.append('format', 'mp4');
    for (const path of ['/v1/assets', '/v1/videos'])
      expect((await fetch(url() + path, { method: 'POST', body: form })).status).toBe(401);
    expect(await gateway.files()).toEqual(before);
  });

  it('asks for the key before it reads the body', async () => {
    const head =
      'POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{';
    expect(await rawBytes(url(), head, /\}$/)).toMatch(/^HTTP\/1\.1 401 /);
    const broken = await fetch(`${url()}/v1/jobs`, {
      method: 'POST',
      body: '{"type":',
      headers: { 'content-type': 'application/json' },
    });
    expect(broken.status).toBe(401);
  });

  it('answers an unknown route with 404, with and without a key', async () => {
    expect((await ask('GET', '/v1/nothing')).status).toBe(404);
    expect((await ask('GET', '/v1/nothing', `Bearer ${keys.admin}`)).status).toBe(404);
  });

  it('never shows a key: not in answers, metrics, documents or the log', async () => {
    const texts: string[] = [...gateway.log.lines];
    for (const path of ['/metrics', '/docs/openapi.json', '/health/ready', '/v1/jobs'])
      texts.push(
        await (await fetch(url() + path, { headers: { authorization: `Bearer ${keys.admin}` } })).text(),
      );
    const sent = 'a-wrong-key-that-is-secret';
    texts.push(JSON.stringify((await ask('GET', '/v1/jobs', `Bearer ${sent}`)).body), ...gateway.log.lines);
    expect(texts.length).toBeGreaterThan(5);
    for (const secret of [...Object.values(keys), sent]) expect(texts.join('\n')).not.toContain(secret);
  });
});

describe('a gateway without keys', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.0.0.1.example.com', '128.0.0.1'])(
    'refuses to serve %s',
    async (host) => {
      const opened = openGateway({ host });
      await expect(opened).rejects.toThrow(SettingsError);
      await expect(opened).rejects.toThrow(`HOST is "${host}"`);
      await expect(opened).rejects.toThrow('set API_KEYS');
    },
  );

  it.each(['127.0.0.1', 'localhost'])('serves %s, and asks for none', async (host) => {
    const open = await openGateway({ host });
    try {
      expect((await open.get('/v1/jobs')).status).toBe(200);
      expect((await open.post('/v1/jobs', job)).status).toBe(202);
    } finally {
      await open.close();
    }
  });
});

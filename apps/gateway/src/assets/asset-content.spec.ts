import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AssetBody,
  openGateway,
  type ProblemBody,
  rawCall,
  storeFile,
  type TestGateway,
} from '../gateway.fixtures.js';

const limit = 1024 * 1024;
const letters = 'abcdefghijklmnopqrstuvwxyz';

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway({ maxUploadBytes: limit })));
afterAll(() => gateway.close());

async function clean(): Promise<void> {
  for (const path of await gateway.files())
    await gateway.call('DELETE', `/v1/assets/${path.split('/').at(-1)}`);
}

describe('reading a file', () => {
  let asset: AssetBody;
  beforeAll(async () => void (asset = await storeFile(gateway, letters)));

  const content = (
    headers: Record<string, string> = {},
    method = 'GET',
    query = '',
  ): ReturnType<typeof rawCall> =>
    rawCall(`${gateway.url}/v1/assets/${asset.id}/content${query}`, { method, headers });

  it.each([
    ['bytes=0-4', 'abcde', '0-4'],
    ['bytes=20-', 'uvwxyz', '20-25'],
    ['bytes=-3', 'xyz', '23-25'],
    ['bytes=-100', letters, '0-25'],
    ['bytes=25-25', 'z', '25-25'],
    ['bytes=10-9999999999999999999999', letters.slice(10), '10-25'],
  ])('gives the part %s', async (range, text, shown) => {
    const { status, headers, body } = await content({ range });
    expect([status, body.toString()]).toEqual([206, text]);
    expect(headers['content-range']).toBe(`bytes ${shown}/26`);
    expect(headers['content-length']).toBe(String(text.length));
  });

  it.each(['bytes=26-', 'bytes=100-200', 'bytes=-0', 'bytes=99999999999999999999999-'])(
    'refuses %s, which lies behind the end, with 416',
    async (range) => {
      const { status, headers, body } = await content({ range });
      expect(status).toBe(416);
      expect(headers['content-range']).toBe('bytes */26');
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(body.toString())).toMatchObject({ status: 416, code: 'range.not_satisfiable' });
    },
  );

  it.each(['bytes=0-1,3-4', 'items=0-1', 'bytes=', 'bytes=-', 'bytes=a-b', 'bytes=5-2', '', 'bytes=0-1-2'])(
    'gives the whole file for %j, which is not one range',
    async (range) => {
      const { status, body, headers } = await content({ range });
      expect([status, body.toString()]).toEqual([200, letters]);
      expect(headers['accept-ranges']).toBe('bytes');
    },
  );

  it('answers 304 to a client that has it', async () => {
    const etag = (await content()).headers.etag!;
    expect(etag).toBe(`"${asset.sha256}"`);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, body, headers } = await content({ 'if-none-match': known });
      expect([known, status, body.length, headers.etag]).toEqual([known, 304, 0, etag]);
    }
    expect((await content({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('gives a part only of the file that the client began with', async () => {
    const range = 'bytes=0-1';
    expect((await content({ range, 'if-range': `"${asset.sha256}"` })).status).toBe(206);
    expect((await content({ range, 'if-range': '"other"' })).body.toString()).toBe(letters);
    expect((await content({ range, 'if-range': 'Wed, 21 Oct 2015 07:28:00 GMT' })).status).toBe(200);
  });

  it('answers HEAD with the same headers and no bytes', async () => {
    const [head, get] = [await content({}, 'HEAD'), await content()];
    expect([head.status, head.body.length]).toEqual([200, 0]);
    const { date: _a, connection: _c, 'keep-alive': _k, ...shown } = get.headers;
    expect(head.headers).toMatchObject(shown);
    const part = await content({ range: 'bytes=0-4' }, 'HEAD');
    expect([part.status, part.headers['content-length'], part.body.length]).toEqual([206, '5', 0]);
  });

  it('makes a browser save it when asked to', async () => {
    expect((await content()).headers['content-disposition']).toMatch(/^inline;/);
    expect((await content({}, 'GET', '?download=1')).headers['content-disposition']).toMatch(/^attachment;/);
  });
});

describe('removing a file', () => {
  it('makes it unknown, and its bytes are gone', async () => {
    await clean();
    const { id } = await storeFile(gateway, letters);
    expect((await gateway.call('DELETE', `/v1/assets/${id}`)).status).toBe(204);
    expect(await gateway.files()).toEqual([]);
    for (const [method, path] of [
      ['GET', `/v1/assets/${id}`],
      ['GET', `/v1/assets/${id}/content`],
      ['DELETE', `/v1/assets/${id}`],
    ] as const) {
      const { status, body } = await gateway.call<ProblemBody>(method, path);
      expect([status, body.code]).toEqual([404, 'asset.not_found']);
    }
  });

  it.each([
    '..%2f..%2fjobs.db',
    '%2e%2e%2fjobs.db',
    '..',
    'x%00y',
    '%2fetc%2fpasswd',
    "x'%20OR%201=1--",
    '.partial',
    'x'.repeat(90),
  ])('is 404 for an id like %.40s', async (id) => {
    for (const [method, path] of [
      ['GET', `/v1/assets/${id}`],
      ['GET', `/v1/assets/${id}/content`],
      ['DELETE', `/v1/assets/${id}`],
    ] as const)
      expect([id, (await rawCall(gateway.url + path, { method })).status]).toEqual([id, 404]);
  });
});

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  type AssetBody,
  type CallOptions,
  formOf,
  openGateway,
  type ProblemBody,
  rawBytes,
  rawCall,
  storeFile,
  type TestGateway,
  until,
} from '../gateway.fixtures.js';

const limit = 1024 * 1024;
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const letters = 'abcdefghijklmnopqrstuvwxyz';

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway({ maxUploadBytes: limit })));
afterAll(() => gateway.close());

function upload(
  body: NonNullable<CallOptions['body']>,
  headers?: Record<string, string>,
): Promise<Answer<AssetBody>> {
  return gateway.call('POST', '/v1/assets', { body, ...(headers ? { headers } : {}) });
}

async function clean(): Promise<void> {
  for (const path of await gateway.files())
    await gateway.call('DELETE', `/v1/assets/${path.split('/').at(-1)}`);
}

describe('storing a file', () => {
  it('takes a form and answers with its facts', async () => {
    const { status, headers, body } = await upload(formOf(letters, { name: 'letters.txt' }));
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/assets/${body.id}`);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      filename: 'letters.txt',
      mediaType: 'text/plain',
      bytes: 26,
      sha256: createHash('sha256').update(letters).digest('hex'),
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect((await gateway.get(`/v1/assets/${body.id}`)).body).toEqual(body);
  });

  it.each([
    ['application/octet-stream', png],
    ['application/json', Buffer.from('{"not": "a job"}')],
    ['application/x-www-form-urlencoded', Buffer.from('a=b')],
    ['text/plain; charset=utf-8', Buffer.from(letters)],
    ['video/mp4', png],
    ['nonsense', png],
  ])('takes a raw body that is said to be %s', async (type, bytes) => {
    const { status, body } = await upload(bytes, { 'content-type': type });
    expect(status).toBe(201);
    const { body: stored } = await rawCall(`${gateway.url}/v1/assets/${body.id}/content`);
    expect(stored.equals(bytes)).toBe(true);
  });

  it('takes a raw body without a type, named by its Content-Disposition', async () => {
    const headers = { 'content-disposition': 'attachment; filename="my clip.mov"' };
    const sent = request(`${gateway.url}/v1/assets`, { method: 'POST', headers, agent: false }).end(letters);
    const [response] = await once(sent, 'response');
    const body = JSON.parse(Buffer.concat(await response.toArray()).toString()) as AssetBody;
    expect(body).toMatchObject({ filename: 'my clip.mov', bytes: 26 });
  });

  it.each([
    ['a picture named as a video', png, 'clip.mp4', 'image/png', 'inline'],
    ['text named as a picture', Buffer.from('hello'), 'photo.png', 'text/plain', 'inline'],
    [
      'SVG, which can hold scripts',
      Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
      'a.png',
      'image/svg+xml',
      'attachment',
    ],
    ['a page named as text', Buffer.from('<html><script>1</script></html>'), 'a.txt', 'text/plain', 'inline'],
    ['XML', Buffer.from('<?xml version="1.0"?><a/>'), 'a.xml', 'application/xml', 'attachment'],
    [
      'unknown bytes',
      Buffer.from([0, 1, 2, 3, 255, 254]),
      'movie.mp4',
      'application/octet-stream',
      'attachment',
    ],
  ])('reads the type of %s from the bytes', async (_, bytes, name, mediaType, disposition) => {
    const asset = await storeFile(gateway, bytes, name);
    expect(asset.mediaType).toBe(mediaType);
    const { headers } = await rawCall(`${gateway.url}/v1/assets/${asset.id}/content`);
    expect(headers['content-type']).toBe(mediaType);
    expect(headers['content-disposition']).toMatch(new RegExp(`^${disposition};`));
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toBe("default-src 'none'; sandbox");
  });

  it('takes an empty file in a form', async () => {
    const asset = await storeFile(gateway, '', 'empty');
    expect(asset).toMatchObject({ bytes: 0 });
    const { status, body } = await rawCall(`${gateway.url}/v1/assets/${asset.id}/content`);
    expect([status, body.length]).toEqual([200, 0]);
  });

  it('takes a file of exactly the limit, raw and in a form', async () => {
    const bytes = Buffer.alloc(limit, 7);
    expect((await upload(bytes, { 'content-type': 'a/b' })).body.bytes).toBe(limit);
    expect((await storeFile(gateway, bytes)).bytes).toBe(limit);
  });

  it('takes 50 files at once', async () => {
    const files = Array.from({ length: 50 }, (_, i) => Buffer.alloc(20_000, i));
    const stored = await Promise.all(files.map((file) => storeFile(gateway, file)));
    expect(new Set(stored.map((asset) => asset.id)).size).toBe(50);
    expect(stored.map((asset) => asset.sha256)).toEqual(
      files.map((file) => createHash('sha256').update(file).digest('hex')),
    );
  });
});

describe('names of files', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\clip.mp4', 'clip.mp4'],
    ['..', 'file'],
    ['-y.mp4', '-y.mp4'],
    ['$(reboot).png', '$(reboot).png'],
    ['<img src=x onerror=alert(1)>.png', '<img src=x onerror=alert(1)>.png'],
    ['x'.repeat(300), 'x'.repeat(200)],
  ])('%j is kept as %j', async (given, kept) => {
    expect((await storeFile(gateway, 'x', given)).filename).toBe(kept);
  });

  it.each([
    ['Ferien "Süd" 日本.png', 'Ferien _S_d_ __.png'],
    ["it's (1) 100%*.png", "it's (1) 100_*.png"],
  ])('%j is given back in UTF-8, and plain for old clients', async (name, plain) => {
    const { filename, id } = await storeFile(gateway, png, name);
    expect(filename).toBe(name);
    const { headers } = await rawCall(`${gateway.url}/v1/assets/${id}/content`);
    const [, old, encoded] =
      /^inline; filename="([^"]*)"; filename\*=UTF-8''([\w.!%~-]+)$/.exec(headers['content-disposition']!) ??
      [];
    expect(old).toBe(plain);
    expect(decodeURIComponent(encoded!)).toBe(name);
  });

  it('newlines and control characters are taken out', async () => {
    const { filename, id } = await storeFile(gateway, png, 'a\r\nX-Evil: 1\u0007.png');
    expect(filename).not.toMatch(/[\u0000-\u001f]/);
    const { headers } = await rawCall(`${gateway.url}/v1/assets/${id}/content`);
    expect(headers['x-evil']).toBeUndefined();
  });

  it('half a character at the cut does not break the answer', async () => {
    const { id } = await storeFile(gateway, png, `${'x'.repeat(199)}😀.png`);
    expect((await rawCall(`${gateway.url}/v1/assets/${id}/content`)).status).toBe(200);
  });
});

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

describe('a file that is refused', () => {
  beforeAll(clean);
  afterEach(async () => {
    await until('nothing is left in the folder', async () => (await gateway.files()).length === 0);
  });

  it('by its Content-Length, before a byte of it is read', async () => {
    const head = [
      'POST /v1/assets HTTP/1.1',
      'Host: x',
      'Content-Type: video/mp4',
      'Content-Length: 10737418240',
      '\r\n',
    ];
    const answer = await rawBytes(gateway.url, head.join('\r\n'), /"errors"|\}$/);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"upload.too_large"');
    expect(answer).toContain('limit set by MAX_UPLOAD_BYTES');
  });

  it('by the Content-Length of a form, before a byte of it is read', async () => {
    const head = [
      'POST /v1/videos HTTP/1.1',
      'Host: x',
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 10737418240',
      '\r\n',
    ];
    expect(await rawBytes(gateway.url, head.join('\r\n'), /\}$/)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('at the limit, when its length was not said', async () => {
    const chunk = 'x'.repeat(64 * 1024);
    const head = 'POST /v1/assets HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const body = `10000\r\n${chunk}\r\n`.repeat(20);
    const answer = await rawBytes(gateway.url, head + body, /\}$/);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"upload.too_large"');
  });

  it('at the limit in a form, whose length was not said', async () => {
    const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
    const head =
      'POST /v1/assets HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n';
    const body = `${part.length.toString(16)}\r\n${part}\r\n${`10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(20)}`;
    const answer = await rawBytes(gateway.url, head + body, /\}$/);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"upload.too_large"');
  });

  it.each([
    ['raw', 'video/mp4', ''],
    [
      'a form',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
    ],
  ])('while the client still sends, and hears it: %s', async (_, type, head) => {
    const agent = new Agent({ keepAlive: true });
    const headers = { 'content-type': type };
    const sent = request(`${gateway.url}/v1/assets`, { method: 'POST', headers, agent });
    sent.write(head);
    const sending = setInterval(() => sent.write('x'.repeat(100_000)), 1);
    try {
      const [response] = await once(sent, 'response');
      expect(response.statusCode).toBe(413);
      const [answer] = await response.toArray();
      expect(JSON.parse(answer)).toMatchObject({ code: 'upload.too_large' });
      // It may go on, and even end, and use the connection again.
      clearInterval(sending);
      sent.end();
      await once(sent, 'close');
      expect(sent.errored).toBeNull();
    } finally {
      clearInterval(sending);
      sent.destroy();
      agent.destroy();
    }
  });

  it('one byte over the limit, in a form that says its length', async () => {
    const { status, body } = await gateway.call<ProblemBody>('POST', '/v1/assets', {
      body: formOf(Buffer.alloc(limit + 1)),
    });
    expect([status, body.code]).toEqual([413, 'upload.too_large']);
  });

  it.each([
    ['raw', { 'content-type': 'video/mp4', 'content-length': '500000' }, 'x'.repeat(100_000)],
    ['raw and chunked', { 'content-type': 'video/mp4' }, 'x'.repeat(100_000)],
    [
      'a form',
      { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '500000' },
      `--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(100_000)}`,
    ],
  ])('because the client went away in the middle: %s', async (_, headers, part) => {
    const errors = gateway.log.at('error').length;
    const sent = request(`${gateway.url}/v1/assets`, { method: 'POST', headers, agent: false });
    sent.on('error', () => sent.destroy());
    sent.write(part);
    await until('the upload has begun', async () => (await gateway.files()).length > 0);
    sent.destroy();
    await until('its unfinished file is gone', async () => (await gateway.files()).length === 0);
    expect(gateway.log.at('error').slice(errors)).toEqual([]);
  });

  it('because there are two', async () => {
    const form = formOf('one');
    form.append('file', new Blob(['two']), 'two');
    const { status, body } = await gateway.call<ProblemBody>('POST', '/v1/assets', { body: form });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'upload.invalid', errors: [{ path: 'file' }] });
  });

  it('because there are three, the last two large', async () => {
    const form = formOf('one');
    for (const name of ['two', 'three']) form.append('file', new Blob([Buffer.alloc(400_000)]), name);
    expect((await upload(form)).status).toBe(422);
  });

  it('because its field has another name', async () => {
    const form = new FormData();
    form.append('video', new Blob([Buffer.alloc(300_000)]), 'a.mp4');
    const { status, body } = await gateway.call<ProblemBody>('POST', '/v1/assets', { body: form });
    expect(status).toBe(422);
    expect(body).toMatchObject({ errors: [{ path: 'video', message: expect.stringContaining('"file"') }] });
  });

  it('because there is none', async () => {
    const form = new FormData();
    form.append('note', 'no file');
    for (const body of [form, '']) {
      const { status, body: problem } = await gateway.call<ProblemBody>('POST', '/v1/assets', {
        body,
        ...(body === '' ? { headers: { 'content-type': 'video/mp4' } } : {}),
      });
      expect(status).toBe(422);
      expect(problem).toMatchObject({ code: 'upload.invalid', errors: [{ path: 'file' }] });
    }
    expect((await gateway.call('POST', '/v1/assets')).status).toBe(422);
  });

  it('because the form is cut off', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const body = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc';
    const { status } = await upload(body, headers);
    expect(status).toBe(400);
    expect((await upload('nothing like a form', headers)).status).toBe(400);
    expect((await upload('x', { 'content-type': 'multipart/form-data' })).status).toBe(400);
  });

  it('because a field is named like a part of every object', async () => {
    const { status } = await upload(formOf('x', { before: { __proto__x: '1', toString: '1' } }));
    expect(status).toBe(400);
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

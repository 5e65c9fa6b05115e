import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  type AssetBody,
  type CallOptions,
  formOf,
  openGateway,
  rawCall,
  storeFile,
  type TestGateway,
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
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
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

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, formOf, openGateway, type ProblemBody, type TestGateway } from '../gateway.fixtures.js';
import type { JobView } from './job-view.js';

/** The first bytes of an MP4. */
const clip = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(500)]);
const photo = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(500)]);
const variants = [{ name: 'small', width: 320, fit: 'inside', format: 'webp' }];

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway()));
afterAll(() => gateway.close());

const send = <T>(path: string, body: FormData): Promise<Answer<T>> => gateway.call<T>('POST', path, { body });

describe('POST /v1/videos', () => {
  it.each([
    ['before', { before: { format: 'mp4', height: '240', audio: 'false', crf: ' 20 ' } }],
    ['after', { after: { format: 'mp4', height: '240', audio: 'false', crf: '2e1' } }],
    ['around', { before: { format: 'mp4', crf: '20' }, after: { height: '240.0', audio: 'false' } }],
  ])('takes the fields %s the file, numbers and booleans as text', async (_, fields) => {
    const { status, headers, body } = await send<JobView>(
      '/v1/videos',
      formOf(clip, { name: 'clip.mp4', ...fields }),
    );
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/jobs/${body.id}`);
    const { source, ...payload } = body.payload as { source: string };
    expect(payload).toEqual({ format: 'mp4', height: 240, audio: false, crf: 20 });
    expect((await gateway.get(`/v1/assets/${source}`)).body).toMatchObject({
      filename: 'clip.mp4',
      mediaType: 'video/mp4',
    });
    expect((await gateway.get(`/v1/jobs/${body.id}`)).body).toEqual(body);
  });

  it('reads its own file, whatever the form says', async () => {
    const form = formOf(clip, { before: { format: 'mp4', source: 'http://127.0.0.1/' } });
    const { body } = await send<JobView>('/v1/videos', form);
    expect((body.payload as { source: string }).source).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('POST /v1/images', () => {
  it('takes the variants as JSON', async () => {
    const form = formOf(photo, { after: { variants: JSON.stringify(variants) } });
    const { status, body } = await send<JobView>('/v1/images', form);
    expect(status).toBe(202);
    expect(body).toMatchObject({ type: 'image.resize', payload: { variants } });
  });

  it('takes them as a part that is said to be JSON', async () => {
    const part = (headers: string, content: string): string => `--b\r\n${headers}\r\n\r\n${content}\r\n`;
    const body = Buffer.concat([
      Buffer.from(
        part(
          'Content-Disposition: form-data; name="variants"\r\nContent-Type: application/json',
          JSON.stringify(variants),
        ),
      ),
      Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'),
      photo,
      Buffer.from('\r\n--b--\r\n'),
    ]);
    const { status, body: job } = await gateway.call<JobView>('POST', '/v1/images', {
      body,
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    });
    expect(status).toBe(202);
    expect(job.payload).toMatchObject({ variants });
  });
});

describe('an upload whose job is refused', () => {
  let filesBefore: readonly string[];
  beforeEach(async () => void (filesBefore = await gateway.files()));
  afterEach(async () => {
    expect(await gateway.files()).toEqual(filesBefore);
    expect(gateway.log.at('error')).toEqual([]);
  });

  it.each([
    ['no fields', {}, ['payload.format']],
    [
      'every field wrong',
      {
        format: 'avi',
        height: 'tall',
        width: '',
        crf: '1e999',
        audio: 'yes',
        videoBitrateKbps: '0x',
        x: '1',
      },
      ['audio', 'crf', 'format', 'height', 'videoBitrateKbps', 'width', 'x'].map((name) => `payload.${name}`),
    ],
    [
      'numbers out of bounds',
      { format: 'mp4', height: '0', width: '-5' },
      ['payload.height', 'payload.width'],
    ],
  ])('for %s leaves nothing stored: video', async (_, fields, wrong) => {
    for (const place of ['before', 'after']) {
      const form = formOf(clip, { [place]: fields });
      const { status, body } = await send<ProblemBody>('/v1/videos', form);
      expect([status, body.code]).toEqual([422, 'job.invalid']);
      expect([...new Set(body.errors!.map(({ path }) => path))].sort()).toEqual(wrong);
    }
  });

  it.each([
    ['none', undefined],
    ['no JSON', '[{'],
    ['no list', '{}'],
    ['an empty list', '[]'],
    ['text', 'small'],
    ['JSON of text', '"small"'],
    ['a wrong one', '[{"name":"a","format":"bmp"}]'],
    ['one with __proto__', '[{"name":"a","format":"png","__proto__":{"x":1}}]'],
    ['one with a constructor', '[{"name":"a","format":"png","constructor":"x"}]'],
    ['a deep one', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['very long ones', `[${'{},'.repeat(80_000)}{}]`],
    ['too long ones', `["${'x'.repeat(300_000)}"]`],
  ])('for variants that are %s leaves nothing stored', async (_, text) => {
    const form = formOf(photo, text === undefined ? {} : { before: { variants: text } });
    const { status, body } = await send<ProblemBody>('/v1/images', form);
    expect([400, 422]).toContain(status);
    expect(body.code).toMatch(/^(job\.invalid|upload\.invalid|body\.)/);
  });

  it('for a file of the wrong kind leaves nothing stored, and says what it is', async () => {
    const video = await send<ProblemBody>('/v1/videos', formOf('text', { before: { format: 'mp4' } }));
    expect(video).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'payload.source', message: expect.stringContaining('text/plain') }] },
    });
    const fields = { variants: JSON.stringify(variants) };
    const image = await send<ProblemBody>('/v1/images', formOf(clip, { after: fields }));
    expect(image).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'payload.source', message: expect.stringContaining('video/mp4') }] },
    });
  });

  it('for no file, two files or another name leaves nothing stored', async () => {
    const none = new FormData();
    none.append('format', 'mp4');
    const two = formOf(clip, { before: { format: 'mp4' } });
    two.append('file', new Blob([clip]), 'b.mp4');
    const other = new FormData();
    other.append('video', new Blob([clip]), 'a.mp4');
    for (const form of [none, two, other])
      expect(await send('/v1/videos', form)).toMatchObject({ status: 422, body: { code: 'upload.invalid' } });
  });

  it('for a file beyond the limit leaves nothing stored', async () => {
    const form = formOf(Buffer.alloc(1024 * 1024 + 1), { before: { format: 'mp4' } });
    expect(await send('/v1/videos', form)).toMatchObject({ status: 413, body: { code: 'upload.too_large' } });
  });

  it('for more fields than any job has leaves nothing stored', async () => {
    const fields = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`field${i}`, 'x']));
    expect((await send('/v1/videos', formOf(clip, { after: fields }))).status).toBe(413);
  });

  it.each(['application/json', 'application/octet-stream', 'text/plain', 'video/mp4'])(
    'for a body that is no form but %s is 415',
    async (type) => {
      for (const path of ['/v1/videos', '/v1/images']) {
        const { status, body } = await gateway.call<ProblemBody>('POST', path, {
          body: '{}',
          headers: { 'content-type': type },
        });
        expect([status, body.code]).toEqual([415, 'body.type_unsupported']);
      }
    },
  );
});

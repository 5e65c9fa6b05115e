import { describe, expect, it } from '@jest/globals';
import { type ProblemBody, storeFile } from '../gateway.fixtures.js';
import { pathsOf, refusingGateway, source, valid, withPayload } from './refusals.fixtures.js';

const rig = refusingGateway();
const refused = (body: unknown): Promise<ProblemBody> => rig.refused(body);

describe('a wrong job', () => {
  it('is refused with every wrong field of its payload', async () => {
    const payload = {
      source: '../../etc/passwd',
      format: 'avi',
      height: 0,
      width: '320',
      videoBitrateKbps: 1e9,
      crf: 23.5,
      audio: 'yes',
      filter: 'movie=/etc/passwd',
    };
    const problem = await refused(withPayload(payload));
    expect(pathsOf(problem)).toEqual(
      Object.keys(payload)
        .map((name) => `payload.${name}`)
        .sort(),
    );
    expect(problem.errors).toContainEqual({ path: 'payload.filter', message: 'is not a known field' });
    expect(problem.errors!.every(({ message }) => /^(must|is|each)/.test(message))).toBe(true);
  });

  it('is refused with the nested fields by their paths', async () => {
    const variants = [
      { name: 'a', format: 'webp' },
      { name: 'A!', width: -1, fit: 'stretch', format: 'bmp', quality: 101, x: 1 },
      null,
      'text',
    ];
    const problem = await refused({ type: 'image.resize', payload: { source, variants } });
    expect(pathsOf(problem)).toEqual(
      expect.arrayContaining(
        ['name', 'width', 'fit', 'format', 'quality', 'x'].map((name) => `payload.variants[1].${name}`),
      ),
    );
    expect(pathsOf(problem).filter((path) => /variants(\[[023]\])/.test(path))).not.toContain(
      'payload.variants[0].name',
    );
  });

  it.each([
    [
      'two variants of one name',
      [
        { name: 'a', format: 'png' },
        { name: 'a', format: 'webp' },
      ],
    ],
    ['no variants', []],
    ['21 variants', Array.from({ length: 21 }, (_, i) => ({ name: `v${i}`, format: 'png' }))],
    ['variants that are no list', { name: 'a', format: 'png' }],
    ['variants of null', [null]],
    ['variants of lists', [[{ name: 'a', format: 'png' }]]],
  ])('is refused for %s', async (_, variants) => {
    const problem = await refused({ type: 'image.resize', payload: { source, variants } });
    expect(pathsOf(problem)[0]).toMatch(/^payload\.variants/);
  });

  it.each([[null], [[]], ['text'], [7], [true]])('is refused when it is %j', async (body) => {
    expect((await refused(body)).errors![0]!.message).toBe('must be an object');
  });

  it.each([[null], [[]], ['text'], [7], [undefined]])(
    'is refused when its payload is %j',
    async (payload) => {
      expect(pathsOf(await refused(withPayload(payload)))).toEqual(['payload']);
    },
  );

  it.each([
    ['options', { ...valid, options: 'fast' }],
    ['options', { ...valid, options: [] }],
    ['options.maxAttempts', { ...valid, options: { maxAttempts: 0 } }],
    ['options.maxAttempts', { ...valid, options: { maxAttempts: 1.5 } }],
    ['options.maxAttempts', { ...valid, options: { maxAttempts: 1e9 } }],
    ['options.maxAttempts', { ...valid, options: { maxAttempts: '3' } }],
    ['options.timeoutSeconds', { ...valid, options: { timeoutSeconds: 0 } }],
    ['options.timeoutSeconds', { ...valid, options: { timeoutSeconds: 86_401 } }],
    ['options.delaySeconds', { ...valid, options: { delaySeconds: -1 } }],
    ['options.delaySeconds', { ...valid, options: { delaySeconds: 315_360_000 } }],
    ['options.retries', { ...valid, options: { retries: 3 } }],
    ['status', { ...valid, status: 'succeeded' }],
    ['attempt', { ...valid, attempt: 99 }],
    ['id', { ...valid, id: '00000000-0000-7000-8000-000000000000' }],
    ['result', { ...valid, result: {} }],
  ])('is refused for its %s: %j', async (path, body) => {
    expect(pathsOf(await refused(body))).toEqual([path]);
  });

  it('may say null for options that it leaves open', async () => {
    const options = { maxAttempts: null, timeoutSeconds: null, runAt: null, delaySeconds: null };
    for (const open of [null, options]) {
      const { status } = await rig.gateway.post('/v1/jobs', { ...valid, options: open });
      expect(status).toBe(202);
      rig.taken++;
    }
  });

  it('is refused with all that is wrong in its options and its outer form at once', async () => {
    const problem = await refused({ type: 7, payload: null, options: { maxAttempts: 0, x: 1 }, y: 2 });
    expect(pathsOf(problem)).toEqual(['options.maxAttempts', 'options.x', 'payload', 'type', 'y']);
  });
});

describe('an unknown job type', () => {
  it.each([
    'video.melt',
    '',
    'VIDEO.TRANSCODE',
    'a.>',
    '*',
    'video.#',
    'constructor',
    '__proto__',
    'toString',
  ])('is refused with the known ones: %j', async (type) => {
    const problem = await refused({ type, payload: {} });
    expect(problem).toMatchObject({ code: 'job.unknown_type', errors: [{ path: 'type' }] });
    expect(problem.detail).toContain('video.transcode, video.thumbnails, image.resize');
  });
});

describe('a source', () => {
  it.each(['no-such-asset', '00000000-0000-7000-8000-000000000000'])(
    'that names no asset is refused: %s',
    async (id) => {
      const { errors } = await refused(withPayload({ source: id, format: 'mp4' }));
      expect(errors).toEqual([{ path: 'payload.source', message: `names no asset: there is no "${id}"` }]);
    },
  );

  it('of the wrong kind is refused, and of unknown bytes is left to the worker', async () => {
    const text = await storeFile(rig.gateway, 'just text', 'clip.mp4');
    const { errors } = await refused(withPayload({ source: text.id, format: 'mp4' }));
    expect(errors).toEqual([
      { path: 'payload.source', message: 'is text/plain, but video.transcode takes video files' },
    ]);
    const unknown = await storeFile(rig.gateway, new Uint8Array([0, 1, 2, 255]), 'clip.mp4');
    const taken = await rig.gateway.post('/v1/jobs', withPayload({ source: unknown.id, format: 'mp4' }));
    expect(taken.status).toBe(202);
    rig.taken++;
  });

  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://100.64.0.1/',
    'http://localhost:5672/',
  ])('at %s is refused, for it is private', async (url) => {
    const { errors } = await refused(withPayload({ source: url, format: 'mp4' }));
    expect(errors).toEqual([
      { path: 'payload.source', message: expect.stringContaining('ALLOW_PRIVATE_SOURCES') },
    ]);
  });

  it.each([
    'file:///etc/passwd',
    'gopher://example.com/',
    'data:text/plain,hello',
    'concat:a|b',
    '//example.com/a',
    'http://user:secret@example.com/',
    'http://good.example@127.0.0.1/',
    'http://exa mple.com/',
    'http://',
    'https://example.com/\u0000',
    'https://example.com/\r\nx',
    `https://example.com/${'x'.repeat(70_000)}`,
  ])('like %.40s is refused', async (url) => {
    const problem = await refused(withPayload({ source: url, format: 'mp4' }));
    expect(pathsOf(problem)).toEqual(['payload.source']);
    expect(JSON.stringify(problem)).not.toMatch(/secret|x{500}/);
  });
});

import { once } from 'node:events';
import type { GenerateImagePayload, GenerateImageResult } from '@heavylift/contracts';
import { HeavyliftError, type JobContext } from '@heavylift/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { GenerateBench } from '../generate-bench.fixtures.js';
import { ImagesApi, type ImagesApiOptions } from './images-api.js';
import { ImagesApiServer, picture, sendJson } from './images-api-server.fixtures.js';

const key = 'sk-secret-0123456789';
let bench: GenerateBench;
let server: ImagesApiServer;
let job: JobContext;
let abort: AbortController;

beforeAll(async () => void (bench = await GenerateBench.open()));
beforeEach(async () => {
  server = await ImagesApiServer.open(key);
  abort = new AbortController();
  job = bench.context({ signal: abort.signal });
});
afterEach(async () => {
  await server.close();
  expect(await bench.leftovers()).toEqual([]);
});
afterAll(() => bench.close());

function generate(
  payload: Omit<GenerateImagePayload, 'prompt'> = {},
  options: Partial<ImagesApiOptions> & { readonly allowPrivateSources?: boolean } = {},
): Promise<GenerateImageResult> {
  const { allowPrivateSources, ...others } = options;
  const generator = new ImagesApi({ url: server.url, key, ...others }, bench.pool);
  return bench.generate(generator, payload, { job, allowPrivateSources });
}

async function failure(...args: Parameters<typeof generate>): Promise<HeavyliftError> {
  const error: unknown = await generate(...args).then(
    () => new Error('it made pictures'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HeavyliftError)) throw error;
  expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain(key);
  expect(job.outputs).toEqual([]);
  return error;
}

describe('the images API', () => {
  it('is asked for the pictures with prompt, number and size, and its pictures are stored as they are', async () => {
    const { assets, provider, seed } = await generate({ width: 512, height: 256, count: 2 });
    expect(server.received).toEqual([
      {
        method: 'POST',
        path: '/v1/images/generations',
        authorization: `Bearer ${key}`,
        body: { prompt: 'a fox', n: 2, size: '512x256', response_format: 'b64_json' },
      },
    ]);
    expect(provider).toBe(`images API of ${server.host}`);
    expect(seed).toBeUndefined();
    expect(assets).toMatchObject([
      { width: 512, height: 256 },
      { width: 512, height: 256 },
    ]);
    for (const { asset } of assets)
      expect(await sharp(await bench.bytesOf(asset)).metadata()).toMatchObject({
        width: 512,
        height: 256,
        format: 'png',
      });
    expect(job.outputs).toMatchObject([
      { filename: 'picture-1.png', mediaType: 'image/png', bytes: assets[0]!.bytes },
      { filename: 'picture-2.png', mediaType: 'image/png', bytes: assets[1]!.bytes },
    ]);
  });

  it('chooses the size when none is given, and a single side stands for both', async () => {
    await generate();
    await generate({ height: 512 });
    expect(server.received.map(({ body }) => body.size)).toEqual([undefined, '512x512']);
  });

  it('gets the model and the seed that are set, and the result tells them', async () => {
    const result = await generate({ seed: 7 }, { model: 'painter-2', url: `${server.url}/` });
    expect(server.received[0]?.body).toMatchObject({ model: 'painter-2', seed: 7 });
    expect(result).toMatchObject({ seed: 7, provider: `images API of ${server.host}, painter-2` });
  });

  it('is not told the format by models that take no such word', async () => {
    server.next(async (response) =>
      sendJson(response, 200, { data: [{ b64_json: (await picture('64x64')).toString('base64') }] }),
    );
    await generate({}, { model: 'gpt-image-1' });
    expect(server.received[0]?.body).toEqual({ prompt: 'a fox', n: 1, model: 'gpt-image-1' });
  });

  it('needs no key when it asks for none', async () => {
    const open = await ImagesApiServer.open();
    try {
      await generate({}, { url: open.url, key: undefined });
      expect(open.received).toMatchObject([{ authorization: undefined }]);
    } finally {
      await open.close();
    }
  });

  it('is asked again for the rest when it gives fewer, and too many are left out', async () => {
    const one = { b64_json: (await picture('64x64', 'webp')).toString('base64') };
    server.next((response) => sendJson(response, 200, { data: [one] }));
    server.next((response) => sendJson(response, 200, { data: [one, one, one, one] }));
    const { assets } = await generate({ count: 3, seed: 4_294_967_295 });
    expect(assets).toHaveLength(3);
    expect(server.received.map(({ body }) => [body.n, body.seed])).toEqual([
      [3, 4_294_967_295],
      [2, 0],
    ]);
    expect(job.outputs.map(({ filename }) => filename)).toEqual([1, 2, 3].map((at) => `picture-${at}.webp`));
  });

  it('may give the address of a picture, which is fetched unless it is a private one', async () => {
    const give = (url: string): void =>
      server.next((response) => sendJson(response, 200, { data: [{ url }] }));
    const address = `http://${server.host}/pictures/64x64`;
    give(address);
    expect(await failure()).toMatchObject({ name: 'UnrecoverableError', code: 'source.private_address' });
    give(address);
    const { assets } = await generate({}, { allowPrivateSources: true });
    expect(assets).toMatchObject([{ width: 64, height: 64 }]);
  });
});

describe('an error of the images API', () => {
  it('about the key is final, and says what to set, but not the key', async () => {
    const error = await failure({}, { key: 'sk-another-9876543210' });
    expect(error).toMatchObject({ name: 'UnrecoverableError', code: 'generator.unauthorized' });
    expect(error.message).toMatch(/answered 401: it does not take the key; set IMAGE_GENERATOR_KEY_FILE/);
    expect(error.message).not.toContain('sk-another');
    server.fail(403, `project of ${key} has no access to the model`);
    expect(await failure()).toMatchObject({
      code: 'generator.unauthorized',
      message: expect.stringContaining(
        'project of *** has no access to the model; set IMAGE_GENERATOR_KEY_FILE',
      ),
    });
  });

  it('about the request is final, with its own words', async () => {
    const size = await failure({ width: 100 });
    expect(size).toMatchObject({ name: 'UnrecoverableError', code: 'generator.refused' });
    expect(size.message).toContain("answered 400: Invalid value: '100x100'. Supported values are");
    server.fail(400, `Your request was rejected by the safety system. ${'x'.repeat(5_000)} ${key}`);
    const policy = await failure();
    expect(policy.message).toContain('rejected by the safety system');
    expect(policy.message.length).toBeLessThan(500);
  });

  it.each([
    ['text', 'the words'],
    ['an error text', { error: 'the words' }],
    ['a message', { message: 'the words' }],
    ['a detail', { detail: 'the words' }],
  ])('is read from %s too', async (_, body) => {
    server.next((response) => sendJson(response, 422, body));
    expect((await failure()).message).toBe(`${server.host} answered 422: the words`);
  });

  it('about the address says which settings to check', async () => {
    const wrong = await failure({}, { url: `http://${server.host}/v2` });
    expect(wrong).toMatchObject({
      name: 'UnrecoverableError',
      message: expect.stringMatching(/404.*check IMAGE_GENERATOR_URL and IMAGE_GENERATOR_MODEL/),
    });
    server.next((response) => response.writeHead(308, { location: 'http://127.0.0.1:1/' }).end());
    expect(await failure()).toMatchObject({
      name: 'UnrecoverableError',
      message: expect.stringMatching(/308; set IMAGE_GENERATOR_URL to the address that it leads to/),
    });
  });

  it('about too many requests comes with the wait that it asks for', async () => {
    server.fail(429, 'Rate limit reached', { 'retry-after': '7' });
    expect(await failure()).toMatchObject({
      name: 'RetryAfterError',
      delayMs: 7_000,
      message: expect.stringContaining('answered 429: Rate limit reached'),
    });
    server.fail(503, 'Overloaded', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
    const { delayMs } = (await failure()) as HeavyliftError & { delayMs: number };
    expect(delayMs).toBeGreaterThan(30_000);
    expect(delayMs).toBeLessThanOrEqual(60_000);
    server.fail(429, 'Rate limit reached');
    expect(await failure()).toMatchObject({ name: 'HeavyliftError', code: 'generator.failed' });
  });

  it.each([500, 502, 503, 529, 408])('%d is worth another try', async (status) => {
    server.next((response) => response.writeHead(status).end('<html>a proxy speaks</html>'));
    expect(await failure()).toMatchObject({
      name: 'HeavyliftError',
      code: 'generator.failed',
      message: `${server.host} answered ${status}`,
    });
  });
});

describe('an images API that is away', () => {
  it('is tried again: nobody listens, or the connection breaks', async () => {
    server.next((response) => void response.destroy());
    expect(await failure()).toMatchObject({ name: 'HeavyliftError', code: 'generator.unreachable' });
    server.next((response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"data":', () => response.destroy());
    });
    expect(await failure()).toMatchObject({ name: 'HeavyliftError', code: 'generator.unreachable' });
    const gone = await ImagesApiServer.open(key);
    await gone.close();
    const error = await failure({}, { url: gone.url });
    expect(error.message).toBe(`${gone.host} could not be asked for pictures: ECONNREFUSED`);
  });

  it('is tried again when it thinks for too long', async () => {
    server.next(() => undefined);
    const error = await failure({}, { requestTimeoutMs: 100 });
    expect(error).toMatchObject({
      name: 'HeavyliftError',
      code: 'generator.unreachable',
      message: expect.stringContaining('no whole answer within 0.1 s'),
    });
  });

  it('is left alone at once when the job is cancelled', async () => {
    const gone = new Promise<void>((resolve, reject) =>
      server.next((response) => {
        once(response, 'close').then(() => resolve(), reject);
        abort.abort(new Error('the job was cancelled'));
      }),
    );
    await expect(generate()).rejects.toThrow('the job was cancelled');
    await gone;
  });
});

describe('an answer that is none of the images API', () => {
  const png = picture('64x64');
  it.each([
    ['no JSON', async () => '<html></html>', 'sent no JSON'],
    ['nothing', async () => '', 'sent no JSON'],
    ['null', async () => 'null', 'sent no picture'],
    ['no list', async () => '{"images":[]}', 'sent no picture'],
    ['an empty list', async () => '{"data":[]}', 'sent no picture'],
    ['an empty picture', async () => '{"data":[null]}', 'sent a picture without b64_json or an http(s) url'],
    [
      'the id of an asset',
      async () => '{"data":[{"url":"asset-0001"}]}',
      'without b64_json or an http(s) url',
    ],
    ['a file of this machine', async () => '{"data":[{"url":"file:///etc/passwd"}]}', 'without b64_json or'],
    ['text for a picture', async () => dataOf(Buffer.from('hello')), 'sent something else than pictures'],
    ['half a picture', async () => dataOf((await png).subarray(0, 150)), 'sent something else than pictures'],
    [
      'a GIF',
      async () => dataOf(await picture('64x64', 'gif')),
      'it is gif, which is none of jpeg, png, webp',
    ],
  ])('fails for good when it is %s', async (_, body, message) => {
    const text = await body();
    server.next((response) => void response.end(text));
    expect(await failure()).toMatchObject({
      name: 'UnrecoverableError',
      code: 'generator.bad_answer',
      message: expect.stringContaining(message),
    });
  });

  it('is cut off where it gets too long', async () => {
    const chunk = Buffer.alloc(1_024 * 1_024, 'x');
    server.next((response) => {
      const send = (): void => {
        while (response.writable) if (!response.write(chunk)) return void response.once('drain', send);
      };
      response.on('error', () => response.end());
      send();
    });
    expect(await failure()).toMatchObject({ message: expect.stringMatching(/sent more than \d+ bytes/) });
  });
});

function dataOf(bytes: Buffer): string {
  return JSON.stringify({ data: [{ b64_json: bytes.toString('base64') }] });
}

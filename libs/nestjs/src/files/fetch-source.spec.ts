import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type HeavyliftError, UnrecoverableError } from '@heavylift/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FetchBench } from './fetch-bench.fixtures.js';
import { sendForever } from './site.fixtures.js';

const mebibyte = 1024 * 1024;

describe('fetchSource', () => {
  let bench: FetchBench;
  beforeEach(async () => {
    bench = await FetchBench.open();
  });
  afterEach(() => bench.close());

  it('fetches a file, and tells how far it is', async () => {
    const content = randomBytes(3 * mebibyte);
    const { origin } = await bench.site((_, response) => response.end(content));
    const heard: [number, number | undefined][] = [];
    await bench.fetch(`${origin}/a.mp4`, { onProgress: (bytes, total) => heard.push([bytes, total]) });
    expect(sha256(await readFile(bench.path))).toBe(sha256(content));
    expect((await stat(bench.path)).mode & 0o777).toBe(0o600);
    expect(heard.at(-1)).toEqual([content.length, content.length]);
    expect(heard.length).toBeGreaterThan(1);
  });

  it('fetches a file of no byte, and one of unknown length', async () => {
    const { origin } = await bench.site((request, response) => {
      if (request.url === '/parts') response.write('hello ');
      response.end(request.url === '/parts' ? 'world' : '');
    });
    await bench.fetch(`${origin}/empty`);
    expect((await stat(bench.path)).size).toBe(0);
    await rm(bench.path);
    await bench.fetch(`${origin}/parts`);
    expect(await readFile(bench.path, 'utf8')).toBe('hello world');
  });

  it('asks for no compression and tells nothing about us', async () => {
    let headers: unknown;
    const { origin } = await bench.site((request, response) => {
      headers = request.headers;
      response.end('x');
    });
    await bench.fetch(origin);
    expect(headers).toEqual({
      host: new URL(origin).host,
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'heavylift',
      connection: 'keep-alive',
    });
  });

  it('writes over no file', async () => {
    const { origin } = await bench.site((_, response) => response.end('theirs'));
    await writeFile(bench.path, 'mine');
    await expect(bench.fetch(origin)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(bench.path, 'utf8')).toBe('mine');
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (content: Buffer) => content],
  ])('undoes the encoding %s', async (encoding, encode) => {
    const content = Buffer.from('hello '.repeat(50_000));
    const { origin } = await bench.site((_, response) =>
      response.setHeader('content-encoding', encoding).end(encode(content)),
    );
    await bench.fetch(origin);
    expect(sha256(await readFile(bench.path))).toBe(sha256(content));
  });

  describe('refuses for good', () => {
    it.each(['file:///etc/passwd', 'ftp://127.0.0.1/a', 'data:,x', 'nonsense'])('%s', async (url) => {
      const error = await bench.failure(url);
      expect(error).toBeInstanceOf(UnrecoverableError);
      expect(error.code).toBe('source.scheme');
    });

    it('a URL with a password, without repeating it', async () => {
      const error = await bench.failure('http://me:secret@127.0.0.1/');
      expect(error.code).toBe('source.userinfo');
      expect(error.message).not.toContain('secret');
    });

    it.each(['127.0.0.1', '127.1', '0x7f000001', '2130706433', '0.0.0.0', '[::ffff:127.0.0.1]', 'localhost'])(
      'http://%s, without a connection',
      async (host) => {
        const { port, ...home } = await reachable();
        const error = await bench.failure(`http://${host}:${port}/`, { allowPrivate: false });
        expect(error).toBeInstanceOf(UnrecoverableError);
        expect(error.code).toBe('source.private_address');
        expect(home.connections()).toBe(0);
      },
    );

    const reachable = async (): Promise<{ port: string; connections: () => number }> => {
      const home = await bench.site((_, response) => response.end('secret'));
      return { port: home.port, connections: () => home.connections };
    };

    it('a name that leads elsewhere when it is connected to than when it was checked', async () => {
      const { port, connections } = await reachable();
      // `localhost` is a name: the rule is first asked about the address that the connection would go to.
      const asked: string[] = [];
      const error = await bench.failure(`http://localhost:${port}/`, {
        isAllowed: (ip) => {
          asked.push(ip);
          return false;
        },
      });
      expect(error.code).toBe('source.private_address');
      expect(asked.length).toBeGreaterThan(0);
      expect(asked).not.toContain('localhost');
      expect(connections()).toBe(0);
    });

    it.each([404, 400, 401, 403, 410, 451])('an answer %d', async (status) => {
      const { origin } = await bench.site((_, response) => response.writeHead(status).end('the secret body'));
      const error = await bench.failure(`${origin}/secret-path`);
      expect(error).toBeInstanceOf(UnrecoverableError);
      expect(error.code).toBe('source.not_found');
      expect(error.message).toBe(`127.0.0.1 does not give us the file: it answered ${status}`);
    });

    it('a file that says it is too large, before its content', async () => {
      const { origin } = await bench.site((_, response) => {
        response.writeHead(200, { 'content-length': '10737418240' }).write('start');
      });
      const error = await bench.failure(origin);
      expect(error).toBeInstanceOf(UnrecoverableError);
      expect(error.code).toBe('source.too_large');
    });

    it('a file that turns out to be too large', async () => {
      const { origin } = await bench.site((_, response) => sendForever(response));
      expect((await bench.failure(origin)).code).toBe('source.too_large');
    });

    it('a small file that unpacks to one too large', async () => {
      const bomb = gzipSync(Buffer.alloc(64 * mebibyte));
      const { origin } = await bench.site((_, response) =>
        response.setHeader('content-encoding', 'gzip').end(bomb),
      );
      expect((await bench.failure(origin)).code).toBe('source.too_large');
    });

    it('a file of exactly one byte too many, and none less', async () => {
      const { origin } = await bench.site((_, response) => response.end('12345'));
      expect((await bench.failure(origin, { maxBytes: 4 })).code).toBe('source.too_large');
      await bench.fetch(origin, { maxBytes: 5 });
    });

    it('an encoding that it does not know', async () => {
      const { origin } = await bench.site((_, response) =>
        response.setHeader('content-encoding', 'rot13').end('uryyb'),
      );
      const error = await bench.failure(origin);
      expect(error).toBeInstanceOf(UnrecoverableError);
      expect(error.code).toBe('source.encoding');
    });
  });

  describe('may be tried again', () => {
    const expectRetryable = (error: HeavyliftError): void => {
      expect(error).not.toBeInstanceOf(UnrecoverableError);
      expect(error.code).toBe('source.unreachable');
    };

    it.each([500, 502, 503, 408, 425, 429, 304, 302])('after an answer %d', async (status) => {
      const { origin } = await bench.site((_, response) => response.writeHead(status).end());
      const error = await bench.failure(origin);
      expectRetryable(error);
      expect(error.message).toBe(`the file on 127.0.0.1 could not be fetched: it answered ${status}`);
    });

    it('when nobody listens', async () => {
      const { origin } = await bench.site((_, response) => response.end());
      await bench.closeSites();
      const error = await bench.failure(origin);
      expectRetryable(error);
      expect(error.message).toMatch(/127\.0\.0\.1 could not be fetched: ECONNREFUSED$/);
    });

    it('when the answer is no HTTP, without repeating it', async () => {
      const { origin } = await bench.site((request) => request.socket.end('secret nonsense\r\n\r\n'));
      const error = await bench.failure(origin);
      expectRetryable(error);
      expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain(
        'secret',
      );
    });

    it('when the connection breaks in the middle', async () => {
      const { origin } = await bench.site((_, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('half', () => response.destroy());
      });
      expectRetryable(await bench.failure(origin));
    });

    it('when packed content ends too early, or is none', async () => {
      const packed = gzipSync(randomBytes(100_000));
      const { origin } = await bench.site((request, response) =>
        response
          .setHeader('content-encoding', 'gzip')
          .end(request.url === '/cut' ? packed.subarray(0, 50_000) : 'not gzip at all'),
      );
      expectRetryable(await bench.failure(`${origin}/cut`));
      expectRetryable(await bench.failure(`${origin}/none`));
    });

    it('when the other side says nothing, or nothing more', async () => {
      const { origin } = await bench.site((request, response) => {
        if (request.url === '/more') response.writeHead(200).write('half');
      });
      expectRetryable(await bench.failure(`${origin}/`, { timeoutMs: 200 }));
      expectRetryable(await bench.failure(`${origin}/more`, { timeoutMs: 200 }));
    });
  });

  describe('when it is called off', () => {
    it('rejects with the reason of the signal, before and in the middle', async () => {
      const { origin } = await bench.site((_, response) => response.writeHead(200).write('half'));
      const abort = new AbortController();
      const reason = new Error('the job was cancelled');
      const onProgress = (): void => abort.abort(reason);
      await expect(bench.fetch(origin, { signal: abort.signal, onProgress })).rejects.toBe(reason);
      await expect(bench.fetch(origin, { signal: abort.signal })).rejects.toBe(reason);
      expect(await readdir(bench.folder)).toEqual([]);
    });
  });
});

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

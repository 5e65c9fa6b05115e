import { readFile, rm } from 'node:fs/promises';
import { UnrecoverableError } from '@heavylift/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FetchBench } from './fetch-bench.fixtures.js';
import { sendForever } from './site.fixtures.js';

describe('fetchSource on a redirect', () => {
  let bench: FetchBench;
  beforeEach(async () => {
    bench = await FetchBench.open();
  });
  afterEach(() => bench.close());

  it.each([301, 302, 303, 307, 308])('goes on after %d, also to a relative address', async (status) => {
    const { origin } = await bench.site((request, response) => {
      if (request.url === '/there/file') response.end('hello');
      else response.writeHead(status, { location: 'there/file' }).end('moved');
    });
    await bench.fetch(`${origin}/here`);
    expect(await readFile(bench.path, 'utf8')).toBe('hello');
  });

  it('goes on five times, not six', async () => {
    const { origin } = await bench.site((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('hello');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    await bench.fetch(`${origin}/5`);
    await rm(bench.path);
    const error = await bench.failure(`${origin}/6`);
    expect(error).toBeInstanceOf(UnrecoverableError);
    expect(error.code).toBe('source.too_many_redirects');
  });

  it('ends a loop', async () => {
    const { origin } = await bench.site((_, response) => response.writeHead(302, { location: '/' }).end());
    expect((await bench.failure(origin)).code).toBe('source.too_many_redirects');
  });

  it('does not wait for a body that never ends', async () => {
    const { origin } = await bench.site((request, response) => {
      if (request.url === '/file') return void response.end('hello');
      response.writeHead(302, { location: '/file' });
      sendForever(response);
    });
    await bench.fetch(`${origin}/here`);
    expect(await readFile(bench.path, 'utf8')).toBe('hello');
  });

  it('does not go where it must not, even from where it may', async () => {
    const inner = await bench.site((_, response) => response.end('secret'), '127.0.0.2');
    const outer = await bench.site((_, response) =>
      response.writeHead(302, { location: inner.origin }).end(),
    );
    const error = await bench.failure(outer.origin, { isAllowed: (ip) => ip === '127.0.0.1' });
    expect(error).toBeInstanceOf(UnrecoverableError);
    expect(error.code).toBe('source.private_address');
    expect(error.message).toMatch(/^127\.0\.0\.2 is not on the public internet/);
    expect(outer.connections).toBe(1);
    expect(inner.connections).toBe(0);
  });

  it.each([
    ['file:///etc/passwd', 'source.scheme'],
    ['ftp://127.0.0.1/', 'source.scheme'],
    ['http://user:secret@127.0.0.1/', 'source.userinfo'],
    ['http://[::1', 'source.scheme'],
  ])('does not go to %s', async (location, code) => {
    const { origin } = await bench.site((_, response) => response.writeHead(302, { location }).end());
    expect((await bench.failure(origin)).code).toBe(code);
  });
});

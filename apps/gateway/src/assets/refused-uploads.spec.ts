import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  type AssetBody,
  type CallOptions,
  formOf,
  openGateway,
  type ProblemBody,
  rawBytes,
  type TestGateway,
  until,
} from '../gateway.fixtures.js';

const limit = 1024 * 1024;

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
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
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

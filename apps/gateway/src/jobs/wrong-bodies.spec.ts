import { describe, expect, it } from '@jest/globals';
import { type Answer, type ProblemBody, rawBytes } from '../gateway.fixtures.js';
import { pathsOf, refusingGateway, source, valid, withPayload } from './refusals.fixtures.js';

const rig = refusingGateway();
const refused = (body: unknown): Promise<ProblemBody> => rig.refused(body);

function send(
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
): Promise<Answer<ProblemBody>> {
  return rig.gateway.call<ProblemBody>('POST', '/v1/jobs', { body, headers: { 'content-type': type } });
}

describe('a body', () => {
  it.each([
    ['cut off', '{"type":'],
    ['empty', ''],
    ['two values', '{} {}'],
    ['with a byte order mark in the middle', '{\ufeff}'],
    ['with a comma too many', '{"type":"video.transcode",}'],
    ['no JSON', 'type=video.transcode'],
    ['NaN', '{"type":NaN}'],
    ['with __proto__', '{"__proto__":{"type":"video.transcode"}}'],
    ['with __proto__ within', '{"type":"video.transcode","payload":{"a":{"__proto__":{"x":1}}}}'],
    ['with __proto__ in disguise', '{"\\u005f_proto__":{}}'],
    ['with constructor.prototype', '{"constructor":{"prototype":{"x":1}}}'],
  ])('that is %s is 400', async (_, body) => {
    const answer = await send(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'body.invalid_json']);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('that does not come is 400 or 415, not a crash', async () => {
    expect((await rig.gateway.call('POST', '/v1/jobs')).status).toBeLessThan(500);
    expect((await rig.gateway.call('POST', '/v1/jobs/batch')).status).toBeLessThan(500);
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf'])(
    'with a field "%s", which every object has, is 400 wherever it stands',
    async (name) => {
      for (const body of [
        { ...valid, [name]: 'x' },
        withPayload({ ...valid.payload, [name]: { a: 1 } }),
        { ...valid, options: { [name]: 1 } },
        { type: 'image.resize', payload: { source, variants: [{ name: 'a', format: 'png', [name]: 0 }] } },
      ]) {
        const answer = await rig.gateway.post<ProblemBody>('/v1/jobs', body);
        expect([answer.status, answer.body.code]).toEqual([400, 'body.forbidden_field']);
        expect(answer.body.detail).toContain(name);
      }
    },
  );

  it.each(['then', 'prototype', 'toJSON', 'length', 'default', ''])(
    'with a field "%s" gets it named, wherever it stands',
    async (name) => {
      expect(pathsOf(await refused({ ...valid, [name]: 'x' }))).toEqual([name]);
      const payload = { ...valid.payload, [name]: { a: 1 } };
      expect(pathsOf(await refused(withPayload(payload)))[0]).toMatch(/^payload/);
    },
  );

  it.each([
    [
      'lists in the payload',
      `{"type":"video.transcode","payload":{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`,
    ],
    [
      'objects in the payload',
      `{"type":"video.transcode","payload":${'{"x":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
    ],
    ['lists beside it', `{"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
    [
      'options',
      `{"type":"video.transcode","payload":{},"options":${'{"x":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
    ],
    ['lists alone', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('with deeply nested %s is refused', async (_, body) => {
    const answer = await send(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'body.too_deep']);
    expect(answer.body.detail).toContain('32');
  });

  it('with numbers beyond all numbers is refused, field by field', async () => {
    const body = `{"type":"video.transcode","payload":{"source":"${source}","format":"mp4","height":1e999,"crf":-1e999},"options":{"delaySeconds":1e999}}`;
    const { status, body: problem } = await send(body);
    expect([status, pathsOf(problem)]).toEqual([422, ['options.delaySeconds']]);
    const other = await send(body.replace(/,"options".*}$/, '}'));
    expect([other.status, pathsOf(other.body)]).toEqual([422, ['payload.crf', 'payload.height']]);
  });

  it('with a huge text is refused without repeating it', async () => {
    const huge = 'x'.repeat(3_500_000);
    for (const body of [
      { type: huge, payload: {} },
      withPayload({ source: huge, format: huge }),
      { ...valid, [huge]: 1 },
    ])
      expect(JSON.stringify(await refused(body)).length).toBeLessThan(10_000);
  });

  it('with very many values is refused before they cost anything', async () => {
    const fields = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`field${i}`, i]));
    const items = Array.from({ length: 200_000 }, () => ({}));
    for (const body of [
      withPayload(fields),
      { type: 'image.resize', payload: { source, variants: items } },
      { jobs: Array.from({ length: 9_000 }, () => Array.from({ length: 100 }, () => 0)) },
    ]) {
      const answer = await rig.gateway.post<ProblemBody>('/v1/jobs', body);
      expect([answer.status, answer.body.code]).toEqual([400, 'body.too_wide']);
    }
  });

  it('with very many wrong fields is refused with the first 1,000', async () => {
    const variant = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`field${i}`, i]));
    const variants = Array.from({ length: 20 }, () => variant);
    const problem = await refused({ type: 'image.resize', payload: { source, variants } });
    expect(problem.errors).toHaveLength(1_000);
    expect(problem.detail).toMatch(/at least \d+ fields are wrong; these are the first 1000/);
    const jobs = Array.from({ length: 1_000 }, () => ({ type: 'no.such', x: 1, y: 2 }));
    const batch = await rig.gateway.post<ProblemBody>('/v1/jobs/batch', { jobs });
    expect([batch.status, batch.body.errors!.length]).toEqual([422, 1_000]);
  });

  it('that is not JSON by its type is 415', async () => {
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
      const { status, body } = await send(JSON.stringify(valid), type);
      expect([type, status, body.code]).toEqual([type, 415, 'body.type_unsupported']);
    }
    const octets = await send(JSON.stringify(valid), 'application/octet-stream');
    expect(octets.status).toBe(415);
    const form = new FormData();
    form.append('type', 'video.transcode');
    expect((await rig.gateway.call('POST', '/v1/jobs', { body: form })).status).toBe(415);
  });

  it('that is JSON in all its spellings is taken', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/JSON']) {
      expect((await send(JSON.stringify(valid), type)).status).toBe(202);
      rig.taken++;
    }
  });

  it('with a byte order mark is read as JSON, or refused as none', async () => {
    const { status } = await send(`\ufeff${JSON.stringify(valid)}`);
    expect([202, 400]).toContain(status);
    if (status === 202) rig.taken++;
  });

  it('of 9 MB is 413, by its length and without', async () => {
    const body = JSON.stringify(withPayload({ source: 'x'.repeat(9_000_000) }));
    const { status, body: problem } = await send(body);
    expect([status, problem.code]).toEqual([413, 'body.too_large']);
    const head = 'POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const said = await rawBytes(rig.gateway.url, `${head}Content-Length: 10737418240\r\n\r\n`, /\}$/);
    expect(said).toMatch(/^HTTP\/1\.1 413 /);
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    const chunked = await rawBytes(
      rig.gateway.url,
      `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(9)}`,
      /\}$/,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that is compressed is refused, since what it would become has no limit', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const { status } = await rig.gateway.call('POST', '/v1/jobs', { body: new Uint8Array(100), headers });
    expect([400, 415]).toContain(status);
  });
});

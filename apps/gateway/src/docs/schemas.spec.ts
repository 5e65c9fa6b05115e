import { jobTypes, schemaRef } from '@heavylift/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, type TestGateway } from '../gateway.fixtures.js';
import { type Json, type OpenApi, validatorOf } from './openapi.fixtures.js';

let gateway: TestGateway;
let document: OpenApi;
let validate: (schema: Json, value: unknown) => readonly string[];
beforeAll(async () => {
  gateway = await openGateway();
  document = (await gateway.get<OpenApi>('/docs/openapi.json')).body;
  validate = validatorOf(document);
});
afterAll(() => gateway.close());

describe('the schemas and the gateway', () => {
  const source = 'https://example.com/clip.mov';
  const variant = { name: 'small', fit: 'inside', format: 'webp' };
  const cases: readonly (readonly [type: string, payload: unknown])[] = [
    ...[
      {},
      { height: 240 },
      { height: 15 },
      { height: 16 },
      { height: 8_192 },
      { height: 8_193 },
      { height: 240.5 },
      { height: '240' },
      { height: true },
      { crf: 0 },
      { crf: 64 },
      { crf: -1 },
      { audio: false },
      { audio: 'false' },
      { audio: 0 },
      { videoBitrateKbps: 49 },
      { videoBitrateKbps: 100_001 },
      { format: 'avi' },
      { format: 'MP4' },
      { format: ['mp4'] },
      { format: null },
      { height: null },
      { crf: null },
      { audio: null },
      { source: '' },
      { source: 'short' },
      { source: '../../etc/passwd' },
      { source: 'file:///etc/passwd' },
      { source: `https://example.com/${'x'.repeat(2_000)}` },
      { source: 'https://example.com/a b' },
      { source: 'https://example.com/\u0000' },
      { source: 7 },
      { source: [source] },
      { unknown: 1 },
    ].map((fields) => ['video.transcode', { source, format: 'mp4', ...fields }] as const),
    ['video.transcode', { source }],
    ['video.transcode', { format: 'mp4' }],
    ['video.transcode', []],
    ['video.transcode', 'text'],
    ...[
      {},
      { count: 1 },
      { count: 0 },
      { count: 101 },
      { at: [] },
      { at: [0, 1.5, 86_400] },
      { at: [-1] },
      { at: [86_401] },
      { at: ['1'] },
      { at: 1 },
      { at: Array.from({ length: 101 }, () => 1) },
      { width: 15 },
      { format: 'gif' },
      { at: null },
      { format: null },
    ].map((fields) => ['video.thumbnails', { source, ...fields }] as const),
    ...[
      [],
      [variant],
      [{ name: 'small', format: 'webp' }],
      [{ ...variant, name: 'Not good' }],
      [{ ...variant, name: '' }],
      [{ ...variant, name: 'x'.repeat(41) }],
      [{ ...variant, fit: 'stretch' }],
      [{ ...variant, format: 'gif' }],
      [{ ...variant, width: 0 }],
      [{ ...variant, width: 8_192, height: 1 }],
      [{ ...variant, quality: 101 }],
      [{ ...variant, width: null }],
      [{ ...variant, fit: null }],
      [{ ...variant, x: 1 }],
      [{}],
      ['text'],
      [[variant]],
      [null],
      {},
      'text',
      Array.from({ length: 20 }, (_, i) => ({ ...variant, name: `v${i}` })),
      Array.from({ length: 21 }, (_, i) => ({ ...variant, name: `v${i}` })),
    ].map((variants) => ['image.resize', { source, variants }] as const),
    ...[
      {},
      { prompt: '' },
      { prompt: ' \n' },
      { prompt: ' a ' },
      { prompt: 'x'.repeat(4_000) },
      { prompt: 'x'.repeat(4_001) },
      { prompt: '\u{1f98a}'.repeat(4_000) },
      { prompt: 7 },
      { prompt: ['a'] },
      { prompt: null },
      { seed: 0 },
      { seed: 4_294_967_295 },
      { seed: 4_294_967_296 },
      { seed: -1 },
      { seed: 1.5 },
      { seed: '7' },
      { seed: null },
      { width: 63 },
      { width: 64, height: 2_048 },
      { height: 2_049 },
      { count: 0 },
      { count: 8 },
      { count: 9 },
      { size: '64x64' },
    ].map((fields) => ['image.generate', { prompt: 'a fox', ...fields }] as const),
    ['image.generate', {}],
  ];

  it.each(cases.map(([type, payload]) => [type, JSON.stringify(payload).slice(0, 100), payload] as const))(
    'say the same of %s %s',
    async (type, _, payload) => {
      const definition = jobTypes.get(type)!;
      const bySchema = validate(schemaRef(definition.payload), payload);
      const { status, body } = await gateway.post('/v1/jobs', { type, payload });
      expect([202, 422]).toContain(status);
      expect({ taken: bySchema.length === 0, said: [bySchema, body] }).toMatchObject({
        taken: status === 202,
      });
    },
  );

  it.each([
    {},
    { maxAttempts: 1 },
    { maxAttempts: 0 },
    { maxAttempts: 101 },
    { maxAttempts: 1.5 },
    { timeoutSeconds: 0.5 },
    { timeoutSeconds: 1.5 },
    { timeoutSeconds: 86_401 },
    { delaySeconds: 0 },
    { delaySeconds: -1 },
    { delaySeconds: 31_622_401 },
    { runAt: '2199-01-01T00:00:00Z' },
    { runAt: '2199-01-01T00:00:00.123+05:30' },
    { runAt: '2199-01-01' },
    { runAt: '2199-01-01T00:00:00' },
    { runAt: '2199-02-30T00:00:00Z' },
    { runAt: 'soon' },
    { unknown: 1 },
  ])('say the same of the options %j', async (options) => {
    const bySchema = validate({ $ref: '#/components/schemas/JobOptions' }, options);
    const payload = { source, format: 'mp4' };
    const { status } = await gateway.post('/v1/jobs', { type: 'video.transcode', payload, options });
    expect({ taken: bySchema.length === 0, bySchema }).toMatchObject({ taken: status === 202 });
  });
});

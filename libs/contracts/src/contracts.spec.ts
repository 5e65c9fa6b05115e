import { describe, expect, it } from '@jest/globals';
import { InvalidPayloadError, parsePayload } from '@heavylift/core';
import { contractSchemas, jobTypes, resizeImage, transcodeVideo } from './index.js';

function errorsOf(work: () => unknown): readonly { path: string; message: string }[] {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidPayloadError) return error.errors;
    throw error;
  }
  return [];
}

describe('the contracts', () => {
  it.each([...jobTypes.values()].map((job) => [job.name, job] as const))(
    '%s accepts its own example',
    (_, job) => {
      expect(errorsOf(() => parsePayload(job, job.example))).toEqual([]);
    },
  );

  it.each([...jobTypes.values()].map((job) => [job.name, job] as const))(
    '%s describes every field',
    (_, job) => {
      const schemas = contractSchemas();
      const properties = schemas[job.payload.name]?.properties as Record<string, { description?: string }>;
      expect(Object.keys(properties).length).toBeGreaterThan(0);
      for (const [field, schema] of Object.entries(properties))
        expect([field, schema.description]).toEqual([field, expect.any(String)]);
    },
  );

  it('name every wrong field, nested ones by their path', () => {
    const payload = {
      source: 'https://x.example/a.png',
      variants: [{ name: 'a', format: 'bmp', width: 0, depth: 3 }],
    };
    expect(
      errorsOf(() => parsePayload(resizeImage, payload))
        .map((error) => error.path)
        .sort(),
    ).toEqual(['variants[0].depth', 'variants[0].format', 'variants[0].width']);
  });

  it.each(['../../etc/passwd', 'file:///etc/passwd', 'ftp://x.example/a', '', 'a/b/c/d/e/f/g'])(
    'refuse %p as a source',
    (source) => {
      expect(
        errorsOf(() => parsePayload(transcodeVideo, { source, format: 'mp4' })).map((error) => error.path),
      ).toContain('source');
    },
  );

  it('refuse what is no object', () => {
    for (const payload of [null, [], 'text', 7])
      expect(errorsOf(() => parsePayload(transcodeVideo, payload))).toHaveLength(1);
  });

  it('fill in defaults', () => {
    const payload = parsePayload(resizeImage, {
      source: 'asset-0001',
      variants: [{ name: 'a', format: 'png' }],
    });
    expect(payload.variants[0]?.fit).toBe('inside');
  });
});

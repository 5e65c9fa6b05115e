import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { ImagesApiServer } from '../../apps/image-worker/src/generators/images-api-server.fixtures.js';
import type { Job } from '../support/api.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const limitMs = 240_000;
const key = 'sk-hidden-0123456789';

interface GenerateResult {
  readonly assets: readonly { readonly asset: string; readonly width: number; readonly height: number }[];
  readonly seed?: number;
  readonly provider: string;
}

describe.each(chosenBrokers)('pictures from a text on %s', (broker) => {
  let system: System;
  let server: ImagesApiServer;
  beforeAll(async () => {
    server = await ImagesApiServer.open(key);
    system = await startSystem(broker);
  }, limitMs);
  afterAll(async () => {
    await system?.stop();
    await server?.close();
  }, limitMs);

  async function generate(fields: object): Promise<{ job: Job; result: GenerateResult }> {
    const { status, body } = await system.api.post('/v1/images/generate', {
      prompt: 'a fox in the snow',
      ...fields,
    });
    expect(status).toBe(202);
    const job = await system.api.finished(body.id, limitMs);
    expect(job).toMatchObject({ status: 'succeeded', type: 'image.generate' });
    return { job, result: job.result as GenerateResult };
  }

  async function digest(result: GenerateResult): Promise<string> {
    const { body } = await system.api.bytes(`/v1/assets/${result.assets[0]!.asset}/content`);
    return createHash('sha256').update(body).digest('hex');
  }

  it(
    'are drawn by the built-in network, of the size asked for, and again by their seed',
    async () => {
      const asked = { seed: 7, width: 160, height: 96 };
      const { job, result } = await generate({ ...asked, count: 2 });
      expect(job).toMatchObject({ attempt: 1, progress: { percent: 100 } });
      expect(result).toMatchObject({ seed: 7, provider: expect.stringContaining('abstract art') });
      expect(result.assets).toHaveLength(2);
      for (const { asset, width, height } of result.assets) {
        const { body, headers } = await system.api.bytes(`/v1/assets/${asset}/content`);
        expect(headers.get('content-type')).toBe('image/png');
        expect(await sharp(body).metadata()).toMatchObject({ format: 'png', width: 160, height: 96 });
        expect({ width, height }).toEqual({ width: 160, height: 96 });
      }
      expect(await digest((await generate(asked)).result)).toBe(await digest(result));
      expect(await digest((await generate({ ...asked, seed: 9 })).result)).not.toBe(await digest(result));
    },
    limitMs,
  );

  it(
    'come from a server of the images API, after the wait that it asks for, and its key is seen by nobody else',
    async () => {
      const app = broker === 'embedded' ? 'standalone' : 'image-worker';
      const keyFile = join(system.folder, 'image-generator-key');
      await writeFile(keyFile, `${key}\n`);
      await system.processes[app]!.stop();
      const worker = await system.restart(app, {
        IMAGE_GENERATOR_URL: server.url,
        IMAGE_GENERATOR_KEY_FILE: keyFile,
        IMAGE_GENERATOR_MODEL: 'painter-2',
      });
      // A server that shows the key to whoever asks too often.
      server.fail(429, `Rate limit of ${key} reached`, { 'retry-after': '1' });
      const { job, result } = await generate({ width: 256, height: 256, count: 2 });
      expect(job.attempt).toBe(2);
      expect(result.provider).toBe(`images API of ${server.host}, painter-2`);
      expect(result.assets).toMatchObject([
        { width: 256, height: 256 },
        { width: 256, height: 256 },
      ]);
      expect(server.received).toHaveLength(2);
      expect(server.received[1]).toMatchObject({
        authorization: `Bearer ${key}`,
        body: { prompt: 'a fox in the snow', model: 'painter-2', n: 2, size: '256x256' },
      });
      const history = await system.api.get<{ items: { kind: string; error?: { code: string } }[] }>(
        `/v1/jobs/${job.id}/history`,
      );
      const retrying = history.body.items.find((item) => item.kind === 'retrying');
      expect(JSON.stringify(retrying)).toContain('answered 429: Rate limit of *** reached');

      const refused = await system.api.post('/v1/images/generate', { prompt: 'a fox', width: 100 });
      const failed = await system.api.finished(refused.body.id, limitMs);
      expect(failed).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'generator.refused' } });

      const said = [history.body, job, failed, worker.lines, await metricsOf(worker.url)];
      expect(JSON.stringify(said)).not.toContain(key);
    },
    limitMs,
  );
});

async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

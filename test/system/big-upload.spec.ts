import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Api } from '../support/api.js';
import { HeavyliftProcess } from '../support/process.js';
import { ownBroker, ownFolder, type OwnBroker, settingsOf } from '../support/system.js';

const limitMs = 400_000;
const tries = 3;
const memoryLimitMiB = 150;
/** Buffers on their way out are larger. */
const readAllowanceMiB = 30;
const bytes = 2 * 1024 ** 3;
const block = randomBytes(1024 ** 2);

interface Asset {
  readonly id: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface Received {
  readonly status: number;
  readonly body: Asset;
}

/** 2 GiB that are nowhere whole. `before` and `after` are sent around them. */
function* twoGib(before = '', after = ''): Generator<Buffer> {
  yield Buffer.from(before);
  for (let sent = 0; sent < bytes; sent += block.length) yield block;
  yield Buffer.from(after);
}

function sha256OfTwoGib(): string {
  const hash = createHash('sha256');
  for (const part of twoGib()) hash.update(part);
  return hash.digest('hex');
}

async function upload(
  url: string,
  headers: Record<string, string | number>,
  source: Iterable<Buffer>,
): Promise<Received> {
  const agent = new Agent();
  const sending = request(`${url}/v1/assets`, { method: 'POST', headers, agent });
  const answered = new Promise<Received>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', (response) => {
      const received = (parts: Buffer[]): Received => ({
        status: response.statusCode!,
        body: JSON.parse(Buffer.concat(parts).toString()) as Asset,
      });
      response.toArray().then((parts) => resolve(received(parts as Buffer[])), reject);
    });
  });
  await pipeline(Readable.from(source, { objectMode: false }), sending);
  return answered.finally(() => agent.destroy());
}

describe('a file of 2 GiB', () => {
  const sha256 = sha256OfTwoGib();
  let folder: string;
  let broker: OwnBroker;
  let gateway: HeavyliftProcess & { readonly url: string };
  let api: Api;
  let asset: Asset;

  beforeAll(async () => {
    folder = await ownFolder();
    broker = await ownBroker('nats');
    await startGateway();
  }, 120_000);
  afterAll(async () => {
    await gateway?.stop();
    await broker?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  async function startGateway(): Promise<void> {
    gateway = await HeavyliftProcess.start('gateway', settingsOf({ folder, brokerUrl: broker.url }));
    api = new Api(gateway.url);
  }

  /** The most that a process ever had depends on when V8 came to collect; what grows with a file does in every process. */
  async function expectWithin(memoryMiB: number, work: () => Promise<void>): Promise<void> {
    const peaks: number[] = [];
    while (peaks.length < tries && !peaks.some((peak) => peak < memoryMiB)) {
      if (peaks.length > 0) {
        await gateway.stop();
        await startGateway();
      }
      await work();
      peaks.push(gateway.peakMemoryMiB);
    }
    expect(Math.min(...peaks)).toBeLessThan(memoryMiB);
  }

  it(
    'goes through the gateway to its place',
    () =>
      expectWithin(memoryLimitMiB, async () => {
        const headers = { 'content-type': 'video/mp4', 'content-length': bytes };
        const { status, body } = await upload(gateway.url, headers, twoGib());
        expect({ status, body }).toMatchObject({ status: 201, body: { bytes, sha256 } });
        expect((await api.call('DELETE', `/v1/assets/${body.id}`)).status).toBe(204);
        expect((await api.bytes(`/v1/assets/${body.id}/content`)).status).toBe(404);
      }),
    limitMs,
  );

  it(
    'is refused when it is one byte longer, and leaves nothing behind',
    () =>
      expectWithin(memoryLimitMiB, async () => {
        const { status, body } = await upload(gateway.url, { 'transfer-encoding': 'chunked' }, twoGib('x'));
        expect({ status, body }).toMatchObject({ status: 413, body: { code: 'upload.too_large' } });
        const names = await readdir(join(folder, 'files'), { recursive: true, withFileTypes: true });
        expect(names.filter((entry) => entry.isFile())).toEqual([]);
      }),
    limitMs,
  );

  it(
    'goes through in a form that does not say how long it is',
    () =>
      expectWithin(memoryLimitMiB, async () => {
        const boundary = 'b0undary';
        const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
        const disposition = 'Content-Disposition: form-data; name="file"; filename="big.bin"';
        const form = twoGib(
          `--${boundary}\r\n${disposition}\r\nContent-Type: video/mp4\r\n\r\n`,
          `\r\n--${boundary}--\r\n`,
        );
        const { status, body } = await upload(gateway.url, headers, form);
        expect({ status, body }).toMatchObject({ status: 201, body: { bytes, sha256, filename: 'big.bin' } });
        asset = body;
      }),
    limitMs,
  );

  it('is read from its end by Range', async () => {
    const range = `bytes=${bytes - 1_000}-`;
    const { status, body, headers } = await api.bytes(`/v1/assets/${asset.id}/content`, { range });
    expect(status).toBe(206);
    expect(headers.get('content-range')).toBe(`bytes ${bytes - 1_000}-${bytes - 1}/${bytes}`);
    expect(body.equals(block.subarray(-1_000))).toBe(true);
  });

  it(
    'is read whole',
    () =>
      expectWithin(memoryLimitMiB + readAllowanceMiB, async () => {
        const response = await fetch(`${gateway.url}/v1/assets/${asset.id}/content`);
        expect(response.headers.get('content-length')).toBe(String(bytes));
        const hash = createHash('sha256');
        for await (const part of response.body!) hash.update(part as Uint8Array);
        expect(hash.digest('hex')).toBe(sha256);
      }),
    limitMs,
  );
});

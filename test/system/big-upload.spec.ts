import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Api } from '../support/api.js';
import { HeavyliftProcess } from '../support/process.js';
import { ownBroker, ownFolder, settingsOf, type OwnBroker } from '../support/system.js';

const limitMs = 180_000;
const bytes = 2 * 1024 ** 3;
const block = randomBytes(1024 ** 2);
const memoryLimitMiB = 150;

interface Asset {
  readonly id: string;
  readonly bytes: number;
  readonly sha256: string;
}

let folder: string;
let broker: OwnBroker;
let gateway: HeavyliftProcess & { readonly url: string };
let api: Api;

beforeAll(async () => {
  folder = await ownFolder();
  broker = await ownBroker('nats');
  gateway = await HeavyliftProcess.start('gateway', settingsOf({ folder, brokerUrl: broker.url }));
  api = new Api(gateway.url);
}, 60_000);

afterAll(async () => {
  await gateway?.stop();
  await broker?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** Two GiB that are nowhere whole, and their digest once they went through. */
function twoGib(): { readonly stream: Readable; sha256(): string } {
  const hash = createHash('sha256');
  function* blocks(): Generator<Buffer> {
    for (let sent = 0; sent < bytes; sent += block.length) {
      hash.update(block);
      yield block;
    }
  }
  return { stream: Readable.from(blocks(), { objectMode: false, highWaterMark: 1 }), sha256: () => hash.digest('hex') };
}

async function upload(headers: Record<string, string | number>, source: Readable): Promise<{ status: number; body: Asset }> {
  const agent = new Agent();
  const sending = request(`${gateway.url}/v1/assets`, { method: 'POST', headers, agent });
  const answered = new Promise<{ status: number; body: Asset }>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', (response) => {
      response.toArray().then((parts) => resolve({ status: response.statusCode!, body: JSON.parse(Buffer.concat(parts).toString()) as Asset }), reject);
    });
  });
  await pipeline(source, sending);
  return answered.finally(() => agent.destroy());
}

describe('a file of 2 GiB', () => {
  let asset: Asset;

  it('x', async () => {
    console.log(gateway.peakMemoryMiB);
    const data = twoGib();
    const t = Date.now();
    const { status, body } = await upload({ 'content-type': 'video/mp4', 'content-length': bytes }, data.stream);
    asset = body;
    console.log(status, body, gateway.peakMemoryMiB, Date.now() - t);
    expect(data.sha256()).toBe(asset.sha256);
    expect(gateway.peakMemoryMiB).toBeLessThan(memoryLimitMiB);
  }, limitMs);
});

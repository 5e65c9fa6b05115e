import { type Transport, TransportError } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { queuesOf } from '@heavylift/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeptLog } from '../gateway.fixtures.js';
import { type JobStore, openJobStore } from '../store/index.js';
import { Sampler } from './sampler.js';

const type = 'video.transcode';

describe('the sampler', () => {
  let store: JobStore;
  let transport: Transport;
  let log: KeptLog;
  beforeEach(async () => {
    store = await openJobStore('sqlite::memory:');
    transport = await createTransport('embedded:', 'gateway');
    await transport.connect(queuesOf(type));
    log = new KeptLog();
  });
  afterEach(async () => {
    await transport.close();
    await store.close();
  });

  const sampler = (over: Pick<Transport, 'check' | 'inspect'>): Sampler =>
    new Sampler({ transport: over, book: store, jobTypes: [type], logger: log });
  async function samples(): Promise<Record<string, number>> {
    const found = await store.samples({ from: 0, to: Date.now() + 60_000, pointMs: 60_000 });
    return Object.fromEntries(found.map(({ name, value }) => [name, value]));
  }

  it('notes how deep the queues are', async () => {
    const [queue] = queuesOf(type);
    const message = { queue: queue!.name, type: 'x', attempt: 1, suspected: 0, release: 0, headers: {} };
    for (const id of ['a', 'b']) await transport.send({ ...message, id, body: Buffer.from('{}') });
    const looking = sampler(transport);
    await looking.look();
    await looking.stop();
    expect(await samples()).toEqual({ broker: 1, ready: 2, inFlight: 0 });
  });

  it('notes that the broker is away', async () => {
    const away = async (): Promise<never> => {
      throw new TransportError('broker.unreachable', 'nobody is there');
    };
    const looking = sampler({ check: away, inspect: away });
    await looking.look();
    await looking.stop();
    expect(await samples()).toEqual({ broker: 0 });
    expect(log.lines).toEqual([]);
  });
});

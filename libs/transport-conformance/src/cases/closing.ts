import { expect } from '@jest/globals';
import { type Transport, TransportError } from '@heavylift/core';
import { type Bench, type Cases, freshQueue } from '../bench.js';
import { holds } from '../eventually.js';
import { collect, complete } from '../recorder.js';

type Call = (client: Transport, bench: Bench) => Promise<unknown>;

const calls: Readonly<Record<string, Call>> = {
  connect: (client, bench) => client.connect([{ name: bench.queue }]),
  send: (client, bench) => client.send(bench.message()),
  consume: (client, bench) => client.consume([[bench.queue]], 1, collect().process),
  publish: (client, bench) => client.publish(bench.topic(), Buffer.from('late')),
  subscribe: (client, bench) => client.subscribe(bench.collectEvents().listener),
  'subscribe as a group': (client, bench) => client.subscribe(bench.collectEvents().listener, bench.group),
  signal: (client) => client.signal(Buffer.from('late')),
  onSignal: (client) => client.onSignal(() => {}),
  deadLetters: (client, bench) => client.deadLetters(bench.queue, 1),
  discard: (client, bench) => client.discard(bench.queue, new Map([['late', 1]])),
  inspect: (client, bench) => client.inspect(bench.queue),
  check: (client) => client.check(),
};

export const closing: Cases = {
  'connects twice without harm': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 1);
    await client.connect([{ name: bench.queue }]);
    await client.connect([]);
    const recorder = collect();
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(1));
  },

  'adds queues by a later connect': async (bench) => {
    const client = await bench.client();
    const later = freshQueue();
    await client.connect([{ name: later }]);
    const recorder = collect();
    await client.consume([[bench.queue, later]], 1, recorder.process);
    const ids = [...(await bench.send(client, 1)), ...(await bench.send(client, 1, { queue: later }))];
    await bench.eventually(() => expect(recorder.done.toSorted()).toEqual(ids.toSorted()));
  },

  'names the same keeper for two clients of one broker': async (bench) => {
    const [one, other] = [await bench.client(), await bench.client()];
    expect(one.keeper).toBe(other.keeper);
    expect(one.keeper).not.toBe('');
    expect(one.name).not.toBe('');
  },

  'takes no more once stopped, and waits for what is in hand': async (bench) => {
    const client = await bench.client();
    const gate = bench.gate();
    const held = collect(() => gate.opened.then(() => complete));
    const consumption = await client.consume([[bench.queue]], 1, held.process);
    await bench.send(client, 5);
    await bench.eventually(() => expect(held.running).toBe(1));
    await expectToWait(() => consumption.stop(), gate);
    expect(held.ids).toHaveLength(1);
    await expectLeft(bench, await bench.client(), 4);
  },

  'stops a consumption twice without harm': async (bench) => {
    const client = await bench.client();
    const consumption = await client.consume([[bench.queue]], 1, collect().process);
    await Promise.all([consumption.stop(), consumption.stop()]);
    await consumption.stop();
  },

  'consumes anew after a stop': async (bench) => {
    const client = await bench.client();
    await (await client.consume([[bench.queue]], 1, collect().process)).stop();
    await bench.send(client, 3);
    await expectLeft(bench, client, 3);
  },

  'closes only when what is in hand is settled': async (bench) => {
    const client = await bench.client();
    const gate = bench.gate();
    const held = collect(() => gate.opened.then(() => complete));
    await client.consume([[bench.queue]], 2, held.process);
    await bench.send(client, 4);
    await bench.eventually(() => expect(held.running).toBe(2));
    await expectToWait(() => client.close(), gate);
    expect(held.done).toHaveLength(2);
    await expectLeft(bench, await bench.client(), 2);
  },

  'refuses every call after its close': async (bench) => {
    const client = await bench.client();
    await client.close();
    for (const [name, call] of Object.entries(calls)) {
      const outcome = await call(client, bench).catch((error: unknown) => error);
      expect([name, outcome instanceof TransportError]).toEqual([name, true]);
    }
  },

  'closes twice, and unconnected, without harm': async (bench) => {
    const client = await bench.client();
    await Promise.all([client.close(), client.close()]);
    await client.close();
    await (await bench.unconnected()).close();
  },
};

async function expectToWait(end: () => Promise<void>, gate: { open(): void }): Promise<void> {
  let ended = false;
  const ending = end().then(() => (ended = true));
  await holds(() => expect(ended).toBe(false), 200);
  gate.open();
  await ending;
}

/** Exactly so many jobs are left, none of which is suspected to have run, not even after the lease of what was in hand. */
async function expectLeft(bench: Bench, client: Transport, count: number): Promise<void> {
  const recorder = collect();
  await client.consume([[bench.queue]], 2, recorder.process);
  await bench.eventually(() => expect(recorder.done).toHaveLength(count));
  await holds(() => expect(recorder.ids).toHaveLength(count), bench.leaseMs * 1.2);
  expect(recorder.attempts()).toEqual(Array.from({ length: count }, () => 1));
  expect(recorder.suspected()).toEqual(Array.from({ length: count }, () => 0));
}

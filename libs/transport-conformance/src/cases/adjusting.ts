import { expect } from '@jest/globals';
import type { Transport } from '@heavylift/core';
import { Adjustable } from '../adjustable.js';
import { type Bench, type Cases, freshQueue } from '../bench.js';
import { holds } from '../eventually.js';
import { collect, complete, type Recorder } from '../recorder.js';

const lookMs = 400;

/** Limits that change while jobs run. */
export const adjusting: Cases = {
  'takes up more slots and fewer, of one queue': (bench) => resizes(bench, [bench.queue]),

  'takes up more slots and fewer, of several queues': (bench) => resizes(bench, [bench.queue, freshQueue()]),

  'leaves a queue alone that is taken out, and goes on with the others': async (bench) => {
    const [client, queues] = await clientOf(bench, 2);
    const [first, second] = queues as [string, string];
    const limits = new Adjustable(2);
    const recorder = collect();
    await client.consume([queues], limits, recorder.process);
    limits.setRoom(first, 0);
    const left = await bench.send(client, 5, { queue: first });
    const others = await bench.send(client, 5, { queue: second });
    await bench.eventually(() => expect(recorder.done.toSorted()).toEqual(others.toSorted()));
    await holds(() => expect(recorder.running).toBe(0), lookMs);
    await bench.eventually(async () => expect((await client.inspect(first)).ready).toBe(5));
    limits.setRoom(first, Infinity);
    await bench.eventually(() => expect(recorder.done.slice(5).toSorted()).toEqual(left.toSorted()));
    expectUnharmed(recorder);
  },

  'leaves its only queue alone while that is taken out': async (bench) => {
    const client = await bench.client();
    const limits = new Adjustable(3);
    const recorder = collect();
    await client.consume([[bench.queue]], limits, recorder.process);
    const early = await bench.send(client, 3);
    await bench.eventually(() => expect(recorder.done).toHaveLength(3));
    limits.setRoom(bench.queue, 0);
    const late = await bench.send(client, 5);
    await bench.eventually(async () => expect((await client.inspect(bench.queue)).ready).toBe(5));
    expect(recorder.done.toSorted()).toEqual(early.toSorted());
    limits.setRoom(bench.queue, Infinity);
    await bench.eventually(() => expect(recorder.done.slice(3).toSorted()).toEqual(late.toSorted()));
  },

  'lets what runs go on when its queue is taken out': async (bench) => {
    const [client, queues] = await clientOf(bench, 2);
    const gate = bench.gate();
    const limits = new Adjustable(2);
    const recorder = collect(() => gate.opened.then(() => complete));
    await client.consume([queues], limits, recorder.process);
    await bench.send(client, 2);
    await bench.eventually(() => expect(recorder.running).toBe(2));
    limits.setRoom(bench.queue, 0);
    await bench.send(client, 1);
    gate.open();
    await bench.eventually(() => expect(recorder.done).toHaveLength(2));
    await holds(() => expect(recorder.deliveries).toHaveLength(2), lookMs);
    expectUnharmed(recorder);
  },

  'holds no job of a queue that it may not start': async (bench) => {
    const [first, queues] = await clientOf(bench, 2);
    const second = await bench.client(...queues);
    const closed = new Adjustable(2);
    const none = collect();
    await first.consume([queues], closed, none.process);
    for (const queue of queues) closed.setRoom(queue, 0);
    const sent = await Promise.all(queues.map((queue) => bench.send(first, 10, { queue })));
    const recorder = collect();
    await second.consume([queues], 2, recorder.process);
    await bench.eventually(() => expect(recorder.done.toSorted()).toEqual(sent.flat().toSorted()));
    expect(none.deliveries).toHaveLength(0);
    expectUnharmed(recorder);
  },

  'starts as many jobs of a queue as there is room for': async (bench) => {
    const [client, queues] = await clientOf(bench, 2);
    const [limited, free] = queues as [string, string];
    const limits = new Adjustable(4);
    const recorder = collect(({ message }) => {
      limits.started(message.queue);
      return complete;
    });
    limits.setRoom(limited, 3);
    const ids = await bench.send(client, 10, { queue: limited });
    await client.consume([queues], limits, recorder.process);
    const others = await bench.send(client, 10, { queue: free });
    await bench.eventually(() => expect(recorder.done).toHaveLength(13));
    await holds(() => expect(recorder.deliveries).toHaveLength(13), lookMs);
    await bench.eventually(async () => expect((await client.inspect(limited)).ready).toBe(7));
    for (let started = 14; started <= 16; started++) {
      limits.setRoom(limited, 1);
      await bench.eventually(() => expect(recorder.done).toHaveLength(started));
    }
    limits.setRoom(limited, Infinity);
    await bench.eventually(() => expect(recorder.done.toSorted()).toEqual([...ids, ...others].toSorted()));
    expectUnharmed(recorder);
  },
};

async function resizes(bench: Bench, queues: readonly string[]): Promise<void> {
  const client = await bench.client(...queues);
  let gate = bench.gate();
  const limits = new Adjustable(2);
  const recorder = collect(() => gate.opened.then(() => complete));
  await client.consume([queues], limits, recorder.process);
  const sent = await Promise.all(queues.map((queue) => bench.send(client, 10, { queue })));
  const all = sent.flat();
  await bench.eventually(() => expect(recorder.running).toBe(2));
  limits.concurrency = 5;
  await bench.eventually(() => expect(recorder.running).toBe(5));
  limits.concurrency = 1;
  const before = gate;
  gate = bench.gate();
  before.open();
  await bench.eventually(() => expect(recorder.done).toHaveLength(5));
  await bench.eventually(() => expect(recorder.running).toBe(1));
  await holds(() => expect(recorder.running).toBe(1), lookMs);
  gate.open();
  await bench.eventually(() => expect(new Set(recorder.done).size).toBe(all.length));
  expect(recorder.done.toSorted()).toEqual(all.toSorted());
  expect(recorder.peak).toBe(5);
}

async function clientOf(bench: Bench, count: number): Promise<[Transport, string[]]> {
  const queues = [bench.queue, ...Array.from({ length: count - 1 }, () => freshQueue())];
  return [await bench.client(...queues), queues];
}

/** No attempt was burned, and no run suspected. */
function expectUnharmed(recorder: Recorder): void {
  expect(recorder.attempts().every((attempt) => attempt === 1)).toBe(true);
  expect(recorder.suspected().every((suspected) => suspected === 0)).toBe(true);
}

import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { Transport } from '@heavylift/core';
import { type Bench, type Cases, freshQueue } from '../bench.js';
import { collect, complete } from '../recorder.js';

/** One consumption over several queues. */
export const sharing: Cases = {
  'shares one concurrency among its queues': async (bench) => {
    const [client, queues] = await clientOfTwo(bench);
    for (const queue of queues) await bench.send(client, 30, { queue });
    const recorder = collect(() => pause(5, complete));
    await client.consume([queues], 3, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(60));
    expect(recorder.peak).toBeLessThanOrEqual(3);
  },

  'never runs more than its concurrency when idle queues fill at once': async (bench) => {
    const [client, queues] = await clientOfTwo(bench);
    const recorder = collect(() => pause(20, complete));
    await client.consume([queues], 2, recorder.process);
    await Promise.all(queues.map((queue) => bench.send(client, 15, { queue })));
    await bench.eventually(() => expect(new Set(recorder.done).size).toBe(30));
    expect(recorder.peak).toBeLessThanOrEqual(2);
    expect(recorder.attempts().every((attempt) => attempt === 1)).toBe(true);
    expect(recorder.suspected().every((suspected) => suspected === 0)).toBe(true);
  },

  'lets any of its queues use every slot': async (bench) => {
    const [client, queues] = await clientOfTwo(bench);
    let gate = bench.gate();
    const recorder = collect(() => gate.opened.then(() => complete));
    await client.consume([queues], 3, recorder.process);
    for (const queue of queues) {
      gate = bench.gate();
      await bench.send(client, 3, { queue });
      await bench.eventually(() => expect(recorder.running).toBe(3));
      gate.open();
      await bench.eventually(() => expect(recorder.running).toBe(0));
    }
  },

  'holds no job that cannot start now': async (bench) => {
    const [first, queues] = await clientOfTwo(bench);
    const second = await bench.client(...queues);
    const gate = bench.gate();
    const long = bench.message();
    const recorder = collect(async ({ message }) => {
      if (message.id === long.id) await gate.opened;
      return complete;
    });
    for (const client of [first, second]) await client.consume([queues], 1, recorder.process);
    await first.send(long);
    await bench.eventually(() => expect(recorder.running).toBe(1));
    const shorts = await Promise.all(queues.map((queue) => bench.send(first, 1, { queue })));
    await bench.eventually(() => expect(recorder.done.toSorted()).toEqual(shorts.flat().toSorted()));
    expect(recorder.attempts()).toEqual([1, 1, 1]);
    expect(recorder.suspected()).toEqual([0, 0, 0]);
  },

  'starves no queue while another has a backlog': async (bench) => {
    const [client, queues] = await clientOfTwo(bench);
    await bench.send(client, 100);
    const few = await bench.send(client, 3, { queue: queues[1]! });
    const recorder = collect();
    await client.consume([queues], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(103), bench.patienceMs);
    const last = Math.max(...few.map((id) => recorder.ids.indexOf(id)));
    expect(last).toBeLessThan(50);
  },

  'hands on what comes to any of its queues while it waits': async (bench) => {
    const [client, queues] = await clientOfTwo(bench);
    const recorder = collect();
    await client.consume([queues], 2, recorder.process);
    for (const queue of [...queues, ...queues]) {
      const [id] = await bench.send(client, 1, { queue });
      await bench.eventually(() => expect(recorder.done).toContain(id));
    }
    expect(recorder.deliveries.map((delivery) => delivery.message.queue)).toEqual([...queues, ...queues]);
  },
};

async function clientOfTwo(bench: Bench): Promise<[Transport, string[]]> {
  const other = freshQueue();
  return [await bench.client(other), [bench.queue, other]];
}

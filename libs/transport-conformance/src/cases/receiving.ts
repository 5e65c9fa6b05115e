import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { type Cases, freshQueue } from '../bench.js';
import { holds } from '../eventually.js';
import { collect, complete } from '../recorder.js';

export const receiving: Cases = {
  'hands a job to a worker that waits for it': async (bench) => {
    const client = await bench.client();
    const recorder = collect();
    await client.consume([[bench.queue]], 1, recorder.process);
    for (let n = 1; n <= 5; n++) {
      await bench.send(client, 1);
      await bench.eventually(() => expect(recorder.done).toHaveLength(n));
    }
  },

  'gives each job to one worker only': async (bench) => {
    const recorder = collect();
    for (let n = 0; n < 3; n++) {
      const worker = await bench.client();
      await worker.consume([[bench.queue]], 5, recorder.process);
    }
    const ids = await bench.send(await bench.client(), 300);
    await bench.eventually(() => expect(new Set(recorder.done).size).toBe(300));
    expect(recorder.ids.toSorted()).toEqual(ids.toSorted());
  },

  'drains a thousand jobs, none lost and none doubled': async (bench) => {
    const client = await bench.client();
    const ids = await bench.send(client, 1_000);
    const recorder = collect();
    await client.consume([[bench.queue]], 20, recorder.process);
    await bench.eventually(() => expect(new Set(recorder.done).size).toBe(1_000), bench.patienceMs);
    expect(recorder.ids.toSorted()).toEqual(ids.toSorted());
    await bench.eventually(async () => expect((await client.inspect(bench.queue)).ready).toBe(0));
  },

  'never runs more than its concurrency': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 60);
    const recorder = collect(() => pause(5, complete));
    await client.consume([[bench.queue]], 3, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(60));
    expect(recorder.peak).toBeLessThanOrEqual(3);
  },

  'fills all of its slots': async (bench) => {
    const client = await bench.client();
    const gate = bench.gate();
    const recorder = collect(() => gate.opened.then(() => complete));
    await client.consume([[bench.queue]], 4, recorder.process);
    await bench.send(client, 10);
    await bench.eventually(() => expect(recorder.running).toBe(4));
    await holds(() => expect(recorder.running).toBe(4), 200);
    gate.open();
    await bench.eventually(() => expect(recorder.done).toHaveLength(10));
  },

  'holds back no job from a worker that is free': async (bench) => {
    const gate = bench.gate();
    const [busy, free] = [await bench.client(), await bench.client()];
    const held = collect(() => gate.opened.then(() => complete));
    await busy.consume([[bench.queue]], 1, held.process);
    await bench.send(busy, 1);
    await bench.eventually(() => expect(held.running).toBe(1));
    const ids = await bench.send(busy, 5);
    const recorder = collect();
    await free.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done.toSorted()).toEqual(ids.toSorted()));
    expect(held.ids).toHaveLength(1);
  },

  'does not mix two queues': async (bench) => {
    const other = freshQueue();
    const client = await bench.client(other);
    const own = collect();
    await client.consume([[bench.queue]], 5, own.process);
    const foreign = await bench.send(client, 5, { queue: other });
    const ids = await bench.send(client, 5);
    await bench.eventually(() => expect(own.done).toHaveLength(5));
    const second = collect();
    await client.consume([[other]], 5, second.process);
    await bench.eventually(() => expect(second.done.toSorted()).toEqual(foreign.toSorted()));
    expect(own.ids.toSorted()).toEqual(ids.toSorted());
  },

  'counts the jobs that wait': async (bench) => {
    const client = await bench.client();
    expect(await client.inspect(bench.queue)).toMatchObject({ ready: 0, deadLettered: 0 });
    await bench.send(client, 7);
    await bench.eventually(async () => expect((await client.inspect(bench.queue)).ready).toBe(7));
  },

  'counts no job twice, waiting and in hand': async (bench) => {
    const client = await bench.client();
    const gate = bench.gate();
    const recorder = collect(() => gate.opened.then(() => complete));
    await client.consume([[bench.queue]], 2, recorder.process);
    await bench.send(client, 5);
    await bench.eventually(() => expect(recorder.running).toBe(2));
    await bench.eventually(async () => {
      const depth = await client.inspect(bench.queue);
      expect(depth.ready).toBe(3);
      expect([2, undefined]).toContain(depth.inFlight);
    });
  },
};

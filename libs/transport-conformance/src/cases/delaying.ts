import { expect } from '@jest/globals';
import type { Cases } from '../bench.js';
import { holds } from '../eventually.js';
import { collect, complete, release, retry } from '../recorder.js';

/** A broker may keep delays in steps, but none may end clearly before its time. */
const earliest = 0.8;

export const delaying: Cases = {
  'brings a retry back after its delay, not before': async (bench) => {
    const delays = [300, 700, 1_500];
    const client = await bench.client();
    const ids = await bench.send(client, 3);
    const settledAtMs = new Map<string, number>();
    const recorder = collect(({ message }) => {
      if (message.attempt > 1) return complete;
      settledAtMs.set(message.id, performance.now());
      return retry(delays[ids.indexOf(message.id)]!);
    });
    await client.consume([[bench.queue]], 3, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(6));
    for (const { message, atMs } of recorder.deliveries.filter(
      (delivery) => delivery.message.attempt === 2,
    )) {
      const waitedMs = atMs - settledAtMs.get(message.id)!;
      expect(waitedMs).toBeGreaterThanOrEqual(delays[ids.indexOf(message.id)]! * earliest);
    }
  },

  'brings a release back as the same attempt after its delay, not before': async (bench) => {
    const delayMs = 700;
    const client = await bench.client();
    const sent = bench.message({ suspected: 1, headers: { note: 'schön' } });
    await client.send(sent);
    let settledAtMs = 0;
    const recorder = collect(({ message }) => {
      if (message.release > 0) return complete;
      settledAtMs = performance.now();
      return { ...release, delayMs };
    });
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(2));
    const { message, atMs } = recorder.deliveries[1]!;
    expect(atMs - settledAtMs).toBeGreaterThanOrEqual(delayMs * earliest);
    expect({ ...message, body: undefined }).toEqual({ ...sent, release: 1, body: undefined });
  },

  'runs a delayed send as a first attempt, not before its time': async (bench) => {
    const client = await bench.client();
    const recorder = collect();
    await client.consume([[bench.queue]], 1, recorder.process);
    const sentAtMs = performance.now();
    await client.send(bench.message(), { delayMs: 1_000 });
    await bench.eventually(() => expect(recorder.done).toHaveLength(1));
    expect(recorder.deliveries[0]!.atMs - sentAtMs).toBeGreaterThanOrEqual(1_000 * earliest);
    expect(recorder.deliveries[0]!.message).toMatchObject({ attempt: 1, release: 0 });
  },

  'keeps a delayed send while no worker is there': async (bench) => {
    const producer = await bench.client();
    await producer.send(bench.message(), { delayMs: 200 });
    await producer.close();
    const worker = await bench.client();
    const recorder = collect();
    await worker.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.attempts()).toEqual([1]));
  },

  'blocks no job by retries that wait': async (bench) => {
    const client = await bench.client();
    const waiting = new Set(await bench.send(client, 10));
    const recorder = collect(({ message }) => (waiting.has(message.id) ? retry(60_000) : complete));
    await client.consume([[bench.queue]], 2, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(10));
    const others = await bench.send(client, 5);
    await bench.eventually(() => expect(recorder.done.slice(10).toSorted()).toEqual(others.toSorted()));
  },

  'counts a retry that waits as not ready': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 3);
    const recorder = collect(() => retry(60_000));
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(3));
    await bench.eventually(async () => expect((await client.inspect(bench.queue)).ready).toBe(0));
    expect(recorder.ids).toHaveLength(3);
  },

  'does not let a long delay hold up a short one': async (bench) => {
    const client = await bench.client();
    const recorder = collect();
    await client.consume([[bench.queue]], 1, recorder.process);
    await client.send(bench.message(), { delayMs: 60_000 });
    const short = bench.message();
    await client.send(short, { delayMs: 300 });
    await bench.eventually(() => expect(recorder.done).toEqual([short.id]));
  },

  'loses nothing over twenty retries in a row': async (bench) => {
    const client = await bench.client();
    const ids = await bench.send(client, 3);
    const recorder = collect(({ message }) => (message.attempt <= 20 ? retry(100) : complete));
    await client.consume([[bench.queue]], 3, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(63), bench.patienceMs);
    for (const id of ids) expect(recorder.attempts(id)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
  },

  'retries without a delay at once': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 1);
    const recorder = collect(({ message }) => (message.attempt === 1 ? retry(0) : complete));
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.attempts()).toEqual([1, 2]));
    await holds(() => expect(recorder.ids).toHaveLength(2), 200);
  },
};

import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { Cases } from '../bench.js';
import { holds } from '../eventually.js';
import { collect, complete, die, release, retry } from '../recorder.js';

export const settling: Cases = {
  'keeps a completed job completed': async (bench) => {
    const first = await bench.client();
    await bench.send(first, 5);
    const recorder = collect();
    await first.consume([[bench.queue]], 5, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(5));
    await first.close();
    const second = await bench.client();
    await second.consume([[bench.queue]], 5, recorder.process);
    await holds(() => expect(recorder.ids).toHaveLength(5), bench.leaseMs * 1.5);
    await bench.send(second, 1);
    await bench.eventually(() => expect(recorder.done).toHaveLength(6));
  },

  'gives a retried job back as its next attempt, otherwise unchanged': async (bench) => {
    const client = await bench.client();
    const sent = bench.message({ headers: { note: 'schön' } });
    await client.send(sent);
    const recorder = collect(({ message }) => (message.attempt === 1 ? retry(100) : complete));
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(2));
    const again = recorder.deliveries[1]!.message;
    expect(Buffer.from(again.body).equals(sent.body)).toBe(true);
    expect({ ...again, body: undefined }).toEqual({ ...sent, attempt: 2, body: undefined });
  },

  'keeps the attempt of a released job and counts the release': async (bench) => {
    const client = await bench.client();
    const sent = bench.message({ headers: { note: 'schön' } });
    await client.send(sent);
    const recorder = collect(({ message }) => (message.release < 3 ? release : complete));
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(4));
    expect(recorder.releases()).toEqual([0, 1, 2, 3]);
    expect(recorder.attempts()).toEqual([1, 1, 1, 1]);
    expect(recorder.suspected()).toEqual([0, 0, 0, 0]);
    const again = recorder.deliveries[3]!.message;
    expect(Buffer.from(again.body).equals(sent.body)).toBe(true);
    expect(again.headers).toEqual(sent.headers);
  },

  'releases when the process throws': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 1);
    const recorder = collect(({ message }) => {
      if (message.release === 0) throw new Error('no luck');
      return complete;
    });
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(2));
    expect(recorder.deliveries[1]!.message).toMatchObject({ attempt: 1, release: 1 });
  },

  'lets a released job go to another worker': async (bench) => {
    const [leaving, staying] = [await bench.client(), await bench.client()];
    const gate = bench.gate();
    const left = collect(() => gate.opened.then(() => release));
    const consumption = await leaving.consume([[bench.queue]], 1, left.process);
    const [id] = await bench.send(leaving, 1);
    await bench.eventually(() => expect(left.running).toBe(1));
    const stopping = consumption.stop();
    gate.open();
    await stopping;
    const taken = collect();
    await staying.consume([[bench.queue]], 1, taken.process);
    await bench.eventually(() => expect(taken.done).toEqual([id]));
    expect(taken.deliveries[0]!.message).toMatchObject({ attempt: 1, suspected: 0, release: 1 });
  },

  'runs a job once that outlives its lease': async (bench) => {
    const [holder, idle] = [await bench.client(), await bench.client()];
    const recorder = collect(() => pause(bench.leaseMs * 3, complete));
    for (const client of [holder, idle]) await client.consume([[bench.queue]], 1, recorder.process);
    await bench.send(holder, 1);
    await bench.eventually(() => expect(recorder.done).toHaveLength(1), bench.patienceMs);
    await holds(() => expect(recorder.ids).toHaveLength(1), bench.leaseMs * 1.5);
    expect(recorder.deliveries[0]!.lost.aborted).toBe(false);
  },

  'starts a retry with no suspected run, and keeps them over a release': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 1, { suspected: 2 });
    const settlements = [release, retry(100), complete];
    const recorder = collect(() => settlements[recorder.done.length] ?? complete);
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(3));
    expect(recorder.attempts()).toEqual([1, 1, 2]);
    expect(recorder.suspected()).toEqual([2, 2, 0]);
  },

  'goes on counting from the attempt and release that a settlement names': async (bench) => {
    const client = await bench.client();
    const [id] = await bench.send(client, 1, { suspected: 2 });
    const settlements = [
      { ...release, attempt: 3, release: 4 },
      { ...retry(100), attempt: 3 },
      { ...die('enough'), attempt: 6 },
    ];
    const recorder = collect(() => settlements[recorder.done.length] ?? complete);
    await client.consume([[bench.queue]], 1, recorder.process);
    const [letter] = await bench.eventually(async () => {
      const letters = await client.deadLetters(bench.queue, 10);
      expect(letters).toHaveLength(1);
      return letters;
    });
    expect(letter!.message).toMatchObject({ id, attempt: 6, release: 5, suspected: 0 });
    expect(recorder.attempts()).toEqual([1, 3, 4]);
    expect(recorder.suspected()).toEqual([2, 0, 0]);
    expect(recorder.deliveries.map(({ message }) => message.release)).toEqual([0, 5, 5]);
  },

  'counts attempts and releases of a job apart': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 1);
    const settlements = [release, retry(100), release, retry(100), complete];
    const recorder = collect(() => settlements[recorder.done.length] ?? complete);
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(5));
    expect(recorder.attempts()).toEqual([1, 1, 2, 2, 3]);
    expect(recorder.releases()).toEqual([0, 1, 1, 2, 2]);
  },
};

import { expect } from '@jest/globals';
import type { Transport } from '@heavylift/core';
import type { Bench, Cases } from '../bench.js';
import { collect, complete, die, type Recorder } from '../recorder.js';

export const deadLetters: Cases = {
  'keeps the message, the reason, the detail and the time': async (bench) => {
    const client = await bench.client();
    const sent = bench.message({ attempt: 3, suspected: 1, headers: { note: 'schön' } });
    const detail = 'Error: “no” — 日本語\n    at run (file.ts:1:2)\n';
    const beforeMs = Date.now();
    await client.send(sent);
    await bury(bench, client, 1, detail);
    const [letter] = await client.deadLetters(bench.queue, 10);
    expect(letter).toMatchObject({ reason: 'payload.invalid', detail });
    expect(letter!.at).toBe(new Date(letter!.at).toISOString());
    expect(Math.abs(Date.parse(letter!.at) - beforeMs)).toBeLessThan(60_000);
    expect(Buffer.from(letter!.message.body).equals(sent.body)).toBe(true);
    expect({ ...letter!.message, body: undefined }).toEqual({ ...sent, body: undefined });
  },

  'keeps a dead letter without a detail': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 1);
    await bury(bench, client, 1);
    const [letter] = await client.deadLetters(bench.queue, 10);
    expect(letter!.detail).toBeUndefined();
  },

  'shows the oldest first, up to the limit': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 5);
    const recorder = await bury(bench, client, 5);
    const shown = await client.deadLetters(bench.queue, 3);
    expect(shown.map((letter) => letter.message.id)).toEqual(recorder.ids.slice(0, 3));
  },

  'changes nothing by looking': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 3);
    await bury(bench, client, 3);
    const first = await client.deadLetters(bench.queue, 10);
    expect(first).toHaveLength(3);
    for (let look = 0; look < 3; look++) expect(await settled(bench, client, 3)).toEqual(first);
  },

  'has none at first': async (bench) => {
    const client = await bench.client();
    expect(await client.deadLetters(bench.queue, 10)).toEqual([]);
    expect(await client.redrive(bench.queue, ['nobody'])).toBe(0);
  },

  'counts them': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 4);
    await bury(bench, client, 4);
    await bench.eventually(async () =>
      expect(await client.inspect(bench.queue)).toMatchObject({ ready: 0, deadLettered: 4 }),
    );
  },

  'redrives only the chosen, as their next attempt': async (bench) => {
    const client = await bench.client();
    const ids = await bench.send(client, 5, { attempt: 2, suspected: 1, headers: { note: 'schön' } });
    await bury(bench, client, 5);
    const chosen = [ids[1]!, ids[3]!];
    expect(await client.redrive(bench.queue, [...chosen, 'nobody'])).toBe(2);
    const recorder = collect();
    await client.consume([[bench.queue]], 5, recorder.process);
    await bench.eventually(() => expect(recorder.done.toSorted()).toEqual(chosen.toSorted()));
    expect(recorder.attempts()).toEqual([3, 3]);
    expect(recorder.suspected()).toEqual([0, 0]);
    expect(recorder.deliveries[0]!.message.headers).toEqual({ note: 'schön' });
    const left = await settled(bench, client, 3);
    expect(left.map((letter) => letter.message.id).toSorted()).toEqual(
      [ids[0]!, ids[2]!, ids[4]!].toSorted(),
    );
  },

  'redrives a job that died again': async (bench) => {
    const client = await bench.client();
    const [id] = await bench.send(client, 1);
    const recorder = collect(({ message }) => (message.attempt < 4 ? die('again') : complete));
    await client.consume([[bench.queue]], 1, recorder.process);
    for (let deaths = 1; deaths <= 3; deaths++) {
      await bench.eventually(async () => expect(await client.redrive(bench.queue, [id!])).toBe(1));
    }
    await bench.eventually(() => expect(recorder.attempts()).toEqual([1, 2, 3, 4]));
    await settled(bench, client, 0);
  },

  'shows them to every client': async (bench) => {
    const [one, other] = [await bench.client(), await bench.client()];
    await bench.send(one, 2);
    await bury(bench, one, 2);
    await settled(bench, other, 2);
    await settled(bench, one, 2);
  },
};

/** Dead-letters the first `count` jobs, one after the other, with a consumption that has ended afterwards. */
async function bury(bench: Bench, client: Transport, count: number, detail?: string): Promise<Recorder> {
  const recorder = collect(() => die('payload.invalid', detail));
  const consumption = await client.consume([[bench.queue]], 1, recorder.process);
  await bench.eventually(() => expect(recorder.done).toHaveLength(count));
  await consumption.stop();
  await settled(bench, client, count);
  return recorder;
}

/** The dead letters, once the broker shows as many as there must be. */
function settled(bench: Bench, client: Transport, count: number): ReturnType<Transport['deadLetters']> {
  return bench.eventually(async () => {
    const letters = await client.deadLetters(bench.queue, 100);
    expect(letters).toHaveLength(count);
    return letters;
  });
}

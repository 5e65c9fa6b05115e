import { expect } from '@jest/globals';
import type { Transport } from '@heavylift/core';
import type { Bench, Cases } from '../bench.js';
import { collect, die, type Recorder } from '../recorder.js';

/** More than a broker may keep in order by chance. */
const many = 60;

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
    expect(await client.discard(bench.queue, upTo(1, ['nobody']))).toBe(0);
  },

  'counts them': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 4);
    await bury(bench, client, 4);
    await bench.eventually(async () =>
      expect(await client.inspect(bench.queue)).toMatchObject({ ready: 0, deadLettered: 4 }),
    );
  },

  'discards the chosen, and leaves the others as they are, in their order': async (bench) => {
    const client = await bench.client();
    const sent = await bench.send(client, many, { attempt: 2, headers: { note: 'schön' } });
    const before = await settled(bench, client, (await bury(bench, client, many)).ids.length);
    const chosen = sent.filter((_, at) => at % 3 === 1);
    expect(await client.discard(bench.queue, upTo(2, [...chosen, 'nobody']))).toBe(chosen.length);
    const left = before.filter(({ message }) => !chosen.includes(message.id));
    await settled(bench, client, left.length);
    expect(await settled(bench, client, left.length)).toEqual(left);
    await bench.eventually(async () =>
      expect(await client.inspect(bench.queue)).toMatchObject({ ready: 0, deadLettered: left.length }),
    );
  },

  'discards once, however often it is asked': async (bench) => {
    const client = await bench.client();
    const ids = await bench.send(client, 3);
    await bury(bench, client, 3);
    expect(await client.discard(bench.queue, new Map())).toBe(0);
    expect(await client.discard(bench.queue, upTo(1, [ids[0]!]))).toBe(1);
    expect(await client.discard(bench.queue, upTo(1, [ids[0]!]))).toBe(0);
    await settled(bench, client, 2);
    expect(await client.discard(bench.queue, upTo(1, ids))).toBe(2);
    await settled(bench, client, 0);
  },

  'loses no other when two discard and one looks at the same time': async (bench) => {
    const [one, other, third] = [await bench.client(), await bench.client(), await bench.client()];
    const ids = await bench.send(one, 30);
    await bury(bench, one, 30);
    const [first, second, left] = [ids.slice(0, 10), ids.slice(10, 20), ids.slice(20)];
    // What another has in hand may be missed; whoever asks until it is gone finds it once.
    const discard = async (client: Transport, chosen: readonly string[]): Promise<void> => {
      let found = 0;
      await bench.eventually(async () => {
        const more = await client.discard(bench.queue, upTo(1, chosen));
        found += more;
        expect(found).toBe(chosen.length);
      });
    };
    await Promise.all([discard(one, first), discard(other, second), third.deadLetters(bench.queue, 100)]);
    const found = await settled(bench, third, 10);
    expect(found.map(({ message }) => message.id).toSorted()).toEqual(left.toSorted());
  },

  'keeps the later death of a job whose earlier one is discarded': async (bench) => {
    const client = await bench.client();
    const [id] = await bench.send(client, 1, { attempt: 2 });
    await bury(bench, client, 1);
    expect(await client.discard(bench.queue, upTo(1, [id!]))).toBe(0);
    await client.send(bench.message({ id: id!, attempt: 3 }));
    const recorder = collect(() => die('again'));
    const consumption = await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(1));
    await consumption.stop();
    await bench.eventually(async () => {
      await client.discard(bench.queue, upTo(2, [id!]));
      const attempts = (await client.deadLetters(bench.queue, 10)).map(({ message }) => message.attempt);
      expect(attempts).toEqual([3]);
    });
    expect(await client.discard(bench.queue, upTo(3, [id!]))).toBe(1);
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

function upTo(attempt: number, ids: readonly string[]): ReadonlyMap<string, number> {
  return new Map(ids.map((id) => [id, attempt]));
}

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

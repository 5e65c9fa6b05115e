import { expect } from '@jest/globals';
import { type Transport, TransportError } from '@heavylift/core';
import { type Bench, type Cases, freshQueue } from '../bench.js';
import { collect, complete, type Recorder, release, retry, type Settle } from '../recorder.js';

export const crashing: Cases = {
  "passes a dead holder's job on as the same attempt, once suspected": async (bench) => {
    const sent = bench.message({ headers: { note: 'schön' } });
    await (await bench.client()).send(sent);
    await dieHolding(bench);
    const recorder = await work(bench);
    await bench.eventually(() => expect(recorder.done).toEqual([sent.id]), bench.patienceMs);
    const { message } = recorder.deliveries[0]!;
    expect({ ...message, body: undefined }).toEqual({ ...sent, suspected: 1, body: undefined });
  },

  'counts a death against no job but the one in hand': async (bench) => {
    const producer = await bench.client();
    await bench.send(producer, 8);
    const { ids } = await dieHolding(bench);
    const recorder = await work(bench);
    await bench.eventually(() => expect(recorder.done).toHaveLength(8), bench.patienceMs);
    for (const id of recorder.ids) expect(recorder.suspected(id)).toEqual([ids.includes(id) ? 1 : 0]);
    expect(recorder.attempts()).toEqual(Array.from({ length: 8 }, () => 1));
  },

  'counts a death against no job of its other queues': async (bench) => {
    const queues = [bench.queue, freshQueue()];
    const [producer, holder] = [await bench.client(...queues), await bench.client(...queues)];
    const gate = bench.gate();
    const held = collect(() => gate.opened.then(() => complete));
    await holder.consume([queues], 1, held.process);
    await Promise.all(queues.map((queue) => bench.send(producer, 5, { queue })));
    await bench.eventually(() => expect(held.running).toBe(1));
    await bench.crash(holder);
    const recorder = collect();
    await producer.consume([queues], 2, recorder.process);
    await bench.eventually(() => expect(new Set(recorder.done).size).toBe(10), bench.patienceMs);
    for (const id of recorder.ids) expect(recorder.suspected(id)).toEqual([held.ids.includes(id) ? 1 : 0]);
  },

  'counts every death of a job that kills its holder': async (bench) => {
    const [id] = await bench.send(await bench.client(), 1);
    for (let suspected = 0; suspected < 3; suspected++) {
      const { deliveries } = await dieHolding(bench);
      expect(deliveries[0]!.message).toMatchObject({ id, attempt: 1, suspected, release: 0 });
    }
    const recorder = await work(bench);
    await bench.eventually(() => expect(recorder.suspected()).toEqual([3]), bench.patienceMs);
  },

  'adds a death to those that a released job bears, and forgets them with a retry': async (bench) => {
    await bench.send(await bench.client(), 1);
    await dieHolding(bench);
    const releasing = await bench.client();
    const gate = bench.gate();
    const held = collect(({ message }) =>
      message.release === 0 ? release : gate.opened.then(() => complete),
    );
    await releasing.consume([[bench.queue]], 1, held.process);
    await bench.eventually(() => expect(held.suspected()).toEqual([1, 1]), bench.patienceMs);
    await bench.crash(releasing);
    const recorder = await work(bench, ({ message }) => (message.attempt === 1 ? retry(100) : complete));
    await bench.eventually(() => expect(recorder.attempts()).toEqual([1, 2]), bench.patienceMs);
    expect(recorder.suspected()).toEqual([2, 0]);
    expect(recorder.releases()).toEqual([1, 1]);
  },

  'tells a holder that its lease is lost': async (bench) => {
    await bench.send(await bench.client(), 1);
    const { deliveries } = await dieHolding(bench);
    await bench.eventually(() => expect(deliveries[0]!.lost.aborted).toBe(true), bench.patienceMs);
  },

  'lets a holder that lost its lease change nothing any more': async (bench) => {
    const [holder, producer] = [await bench.client(), await bench.client()];
    const gate = bench.gate();
    const held = collect(() => gate.opened.then(() => complete));
    await holder.consume([[bench.queue]], 1, held.process);
    await bench.send(producer, 1);
    await bench.eventually(() => expect(held.running).toBe(1));
    await bench.crash(holder);
    gate.open();
    const recorder = await work(bench);
    await bench.eventually(() => expect(recorder.suspected()).toEqual([1]), bench.patienceMs);
  },

  "gives a dead member's batch to another": async (bench) => {
    const [publisher, dying] = [await bench.client(), await bench.client()];
    const gate = bench.gate();
    const held = bench.collectEvents(() => gate.opened);
    await dying.subscribe(held.listener, bench.group);
    await bench.publish(publisher, 1, 5);
    await bench.eventually(() => expect(held.batchSizes).not.toHaveLength(0));
    await bench.crash(dying);
    const heard = bench.collectEvents();
    await (await bench.client()).subscribe(heard.listener, bench.group);
    const all = new Set(['1', '2', '3', '4', '5']);
    await bench.eventually(() => expect(new Set(heard.accepted)).toEqual(all), bench.patienceMs);
  },

  'says so when the broker cannot be used': async (bench) => {
    const client = await bench.client();
    await client.check();
    await bench.crash(client);
    await expect(client.check()).rejects.toBeInstanceOf(TransportError);
    await expect(client.send(bench.message())).rejects.toBeInstanceOf(TransportError);
  },

  'closes although the broker cannot be reached': async (bench) => {
    const client = await bench.client();
    await client.consume([[bench.queue]], 1, collect().process);
    await client.subscribe(bench.collectEvents().listener, bench.group);
    await bench.crash(client);
    await client.close();
    await expect(client.check()).rejects.toBeInstanceOf(TransportError);
  },
};

/** A worker that takes one job, never ends it, and dies. */
async function dieHolding(bench: Bench): Promise<Recorder> {
  const holder: Transport = await bench.client();
  const gate = bench.gate();
  const held = collect(() => gate.opened.then(() => complete));
  await holder.consume([[bench.queue]], 1, held.process);
  await bench.eventually(() => expect(held.running).toBe(1), bench.patienceMs);
  await bench.crash(holder);
  return held;
}

async function work(bench: Bench, settle?: Settle): Promise<Recorder> {
  const recorder = collect(settle);
  await (await bench.client()).consume([[bench.queue]], 2, recorder.process);
  return recorder;
}

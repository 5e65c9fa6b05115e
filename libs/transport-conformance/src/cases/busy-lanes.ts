import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { laneOf, type Priority, tiersOf, type Transport } from '@heavylift/core';
import { Adjustable } from '../adjustable.js';
import type { Bench, Cases } from '../bench.js';
import { holds } from '../eventually.js';
import { collect, complete, type Recorder } from '../recorder.js';

/** Enough in a row that an adapter may settle on their lane. */
const many = 150;
const lookMs = 400;

/** One lane of several has nearly all the jobs, as is usual. */
export const busyLanes: Cases = {
  'starts a job of a higher tier soon while another lane is busy': async (bench) => {
    const client = await bench.clientOfLanes();
    const recorder = collect(() => pause(2, complete));
    await sendTo(bench, client, 'normal', 3 * many);
    await client.consume(tiersOf([bench.queue]), 5, recorder.process);
    await bench.eventually(() => expect(recorder.done.length).toBeGreaterThan(many), bench.patienceMs);
    const [high] = await sendTo(bench, client, 'high', 1);
    const [low] = await sendTo(bench, client, 'low', 1);
    await bench.eventually(() => expect(recorder.done).toContain(high));
    await bench.eventually(() => expect(new Set(recorder.done).size).toBe(3 * many + 2), bench.patienceMs);
    expect(recorder.done).toContain(low);
    expectUnharmed(recorder, 5);
  },

  'fills each slot that falls free beside long jobs of a busy lane': async (bench) => {
    const client = await bench.clientOfLanes();
    const gate = bench.gate();
    const long = new Set<string>();
    const recorder = collect(({ message }) =>
      long.has(message.id) ? gate.opened.then(() => complete) : complete,
    );
    await client.consume(tiersOf([bench.queue]), 4, recorder.process);
    await sendTo(bench, client, 'normal', many);
    await bench.eventually(() => expect(recorder.done).toHaveLength(many), bench.patienceMs);
    for (const message of [1, 2, 3].map(() => bench.message({ queue: laneOf(bench.queue, 'normal') }))) {
      long.add(message.id);
      await client.send(message);
    }
    await bench.eventually(() => expect(recorder.running).toBe(3));
    await sendTo(bench, client, 'normal', 10);
    await sendTo(bench, client, 'low', 10);
    await bench.eventually(() => expect(recorder.done).toHaveLength(many + 20));
    expect(recorder.running).toBe(3);
    gate.open();
    await bench.eventually(() => expect(recorder.running).toBe(0));
    expectUnharmed(recorder, 4);
  },

  'leaves a busy lane alone once it is taken out, and goes on with the others': async (bench) => {
    const client = await bench.clientOfLanes();
    const normal = laneOf(bench.queue, 'normal');
    const limits = new Adjustable(5);
    const recorder = collect(() => pause(2, complete));
    const sent = await sendTo(bench, client, 'normal', 2 * many);
    await client.consume(tiersOf([bench.queue]), limits, recorder.process);
    await bench.eventually(() => expect(recorder.done.length).toBeGreaterThan(many), bench.patienceMs);
    limits.setRoom(normal, 0);
    await bench.eventually(() => expect(recorder.running).toBe(0));
    const done = recorder.done.length;
    const others = await sendTo(bench, client, 'low', 5);
    await bench.eventually(() => expect(recorder.done.slice(done).toSorted()).toEqual(others.toSorted()));
    await holds(() => expect(recorder.done).toHaveLength(done + 5), lookMs);
    limits.setRoom(normal, Infinity);
    await bench.eventually(() => expect(new Set(recorder.done).size).toBe(2 * many + 5), bench.patienceMs);
    expect(recorder.done.toSorted()).toEqual([...sent, ...others].toSorted());
    expectUnharmed(recorder, 5);
  },
};

function sendTo(bench: Bench, client: Transport, priority: Priority, count: number): Promise<string[]> {
  return bench.send(client, count, { queue: laneOf(bench.queue, priority) });
}

/** No more at a time than there are slots, and no run suspected. */
function expectUnharmed(recorder: Recorder, slots: number): void {
  expect(recorder.peak).toBeLessThanOrEqual(slots);
  expect(recorder.suspected().every((suspected) => suspected === 0)).toBe(true);
}

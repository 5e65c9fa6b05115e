import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { laneOf, priorities, type Priority, tiersOf, type Transport } from '@heavylift/core';
import type { Bench, Cases } from '../bench.js';
import { collect, complete, die, type Recorder } from '../recorder.js';

/** The lanes of one job type: queues in tiers, whose dead letters lie in one place. */
export const lanes: Cases = {
  'starts the jobs of a higher tier first': async (bench) => {
    const client = await bench.clientOfLanes();
    for (const priority of priorities.toReversed()) await sendTo(bench, client, priority, 20);
    const recorder = collect();
    await client.consume(tiersOf([bench.queue]), 1, recorder.process);
    await bench.eventually(() => expect(recorder.done).toHaveLength(60), bench.patienceMs);
    const [high, normal, low] = priorities.map((priority) => middle(positions(bench, recorder, priority)));
    expect(high).toBeLessThan(15);
    expect(normal).toBeGreaterThan(20);
    expect(normal).toBeLessThan(40);
    expect(low).toBeGreaterThan(45);
  },

  'starts a job of a higher tier before those that waited longer': async (bench) => {
    const client = await bench.clientOfLanes();
    const gate = bench.gate();
    const recorder = collect(() => gate.opened.then(() => complete));
    await sendTo(bench, client, 'normal', 1);
    await client.consume(tiersOf([bench.queue]), 1, recorder.process);
    await bench.eventually(() => expect(recorder.running).toBe(1));
    await sendTo(bench, client, 'normal', 5);
    await sendTo(bench, client, 'high', 1);
    gate.open();
    await bench.eventually(() => expect(recorder.done).toHaveLength(7));
    expect(positions(bench, recorder, 'high')[0]).toBeLessThan(4);
  },

  'moves a job of the lowest tier while the highest is never empty': async (bench) => {
    const client = await bench.clientOfLanes();
    let refilling = true;
    const recorder = collect(async ({ message }) => {
      if (message.queue === laneOf(bench.queue, 'low')) refilling = false;
      if (refilling && recorder.ids.length < 400) await sendTo(bench, client, 'high', 1);
      return complete;
    });
    await sendTo(bench, client, 'high', 10);
    for (const priority of ['normal', 'low'] as const) await sendTo(bench, client, priority, 1);
    await client.consume(tiersOf([bench.queue]), 1, recorder.process);
    await bench.eventually(() => expect(refilling).toBe(false), bench.patienceMs);
    const [normal] = positions(bench, recorder, 'normal');
    const [low] = positions(bench, recorder, 'low');
    expect(normal).toBeLessThan(30);
    expect(low).toBeLessThan(100);
  },

  'shares its slots among the tiers': async (bench) => {
    const client = await bench.clientOfLanes();
    const recorder = collect(() => pause(5, complete));
    await client.consume(tiersOf([bench.queue]), 3, recorder.process);
    await Promise.all(priorities.map((priority) => sendTo(bench, client, priority, 20)));
    await bench.eventually(() => expect(new Set(recorder.done).size).toBe(60), bench.patienceMs);
    expect(recorder.peak).toBeLessThanOrEqual(3);
    expect(recorder.suspected().every((suspected) => suspected === 0)).toBe(true);
  },

  'lets each tier use every slot': async (bench) => {
    const client = await bench.clientOfLanes();
    let gate = bench.gate();
    const recorder = collect(() => gate.opened.then(() => complete));
    await client.consume(tiersOf([bench.queue]), 3, recorder.process);
    for (const priority of priorities) {
      gate = bench.gate();
      await sendTo(bench, client, priority, 3);
      await bench.eventually(() => expect(recorder.running).toBe(3));
      gate.open();
      await bench.eventually(() => expect(recorder.running).toBe(0));
    }
  },

  'holds no short job of any tier behind a long one': async (bench) => {
    const [first, second] = [await bench.clientOfLanes(), await bench.clientOfLanes()];
    const gate = bench.gate();
    const long = bench.message({ queue: laneOf(bench.queue, 'low') });
    const recorder = collect(async ({ message }) => {
      if (message.id === long.id) await gate.opened;
      return complete;
    });
    for (const client of [first, second]) await client.consume(tiersOf([bench.queue]), 1, recorder.process);
    await first.send(long);
    await bench.eventually(() => expect(recorder.running).toBe(1));
    const shorts = await Promise.all(priorities.map((priority) => sendTo(bench, first, priority, 2)));
    await bench.eventually(() => expect(recorder.done.toSorted()).toEqual(shorts.flat().toSorted()));
    expect(recorder.suspected().every((suspected) => suspected === 0)).toBe(true);
  },

  'consumes tiers of which some are empty': async (bench) => {
    const client = await bench.clientOfLanes();
    const recorder = collect();
    await client.consume([[], [bench.queue], []], 1, recorder.process);
    const [id] = await sendTo(bench, client, 'normal', 1);
    await bench.eventually(() => expect(recorder.done).toEqual([id]));
  },

  'keeps the dead letters of all lanes in one place, each with the queue it came from': async (bench) => {
    const client = await bench.clientOfLanes();
    const queues = await buryOneOfEach(bench, client);
    const letters = await bench.eventually(async () => {
      const found = await client.deadLetters(bench.queue, 10);
      expect(found).toHaveLength(3);
      return found;
    });
    expect(new Map(letters.map(({ message }) => [message.id, message.queue]))).toEqual(queues);
    expect(await client.deadLetters(bench.queue, 2)).toHaveLength(2);
    for (const priority of priorities) {
      const depth = await client.inspect(laneOf(bench.queue, priority));
      expect(depth).toMatchObject({ ready: 0, deadLettered: 3 });
    }
  },

  'discards dead letters whichever lane they came from': async (bench) => {
    const client = await bench.clientOfLanes();
    const queues = await buryOneOfEach(bench, client);
    const [first, ...others] = queues.keys();
    await bench.eventually(async () => expect(await client.deadLetters(bench.queue, 10)).toHaveLength(3));
    expect(await client.discard(bench.queue, new Map(others.map((id) => [id, 1])))).toBe(2);
    await bench.eventually(async () => {
      const left = await client.deadLetters(bench.queue, 10);
      expect(left.map(({ message }) => [message.id, message.queue])).toEqual([[first, queues.get(first!)]]);
    });
  },

  'brings retries and delayed jobs back to their own lane': async (bench) => {
    const client = await bench.clientOfLanes();
    const queue = laneOf(bench.queue, 'high');
    const recorder = collect(({ message }) =>
      message.attempt === 1 ? { kind: 'retry', delayMs: 200 } : complete,
    );
    await client.consume(tiersOf([bench.queue]), 1, recorder.process);
    await client.send(bench.message({ queue }), { delayMs: 200 });
    await bench.eventually(() => expect(recorder.attempts()).toEqual([1, 2]));
    expect(recorder.deliveries.map(({ message }) => message.queue)).toEqual([queue, queue]);
  },
};

function sendTo(bench: Bench, client: Transport, priority: Priority, count: number): Promise<string[]> {
  return bench.send(client, count, { queue: laneOf(bench.queue, priority) });
}

/** Where the jobs of a lane stand in the order of arrival, from 0. */
function positions(bench: Bench, recorder: Recorder, priority: Priority): number[] {
  const queue = laneOf(bench.queue, priority);
  return recorder.deliveries.flatMap(({ message }, position) => (message.queue === queue ? [position] : []));
}

function middle(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? -1;
}

/** Dead-letters a job of each lane; answers with the queue that each job came from. */
async function buryOneOfEach(bench: Bench, client: Transport): Promise<Map<string, string>> {
  const recorder = collect(() => die('payload.invalid'));
  const consumption = await client.consume(tiersOf([bench.queue]), 1, recorder.process);
  for (const priority of priorities) await sendTo(bench, client, priority, 1);
  await bench.eventually(() => expect(recorder.done).toHaveLength(3));
  await consumption.stop();
  return new Map(recorder.deliveries.map(({ message }) => [message.id, message.queue]));
}

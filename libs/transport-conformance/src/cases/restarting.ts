import { expect } from '@jest/globals';
import type { Transport } from '@heavylift/core';
import type { Bench, Cases } from '../bench.js';
import { collect, complete, die, type Recorder, retry } from '../recorder.js';

/** Few cases that look at much: a restart takes a broker many seconds. */
export const restarting: Cases = {
  'keeps over a restart what waits, is delayed, is dead or was published': async (bench) => {
    const before = await bench.client();
    const [dead, retried] = await settleTwo(bench, before);
    const sent = await bench.send(before, 20);
    const delayed = bench.message();
    await before.send(delayed, { delayMs: 1_000 });
    await (await before.subscribe(bench.collectEvents().listener, bench.group)).stop();
    await bench.publish(before, 1, 5);
    const { keeper } = before;
    await before.close();
    await bench.restart();

    const after = await bench.client();
    expect(after.keeper).toBe(keeper);
    const recorder = collect();
    await after.consume([[bench.queue]], 5, recorder.process);
    const waiting = new Set([...sent, retried, delayed.id]);
    // A broker killed right after a settlement may forget it, and hand on once more what was settled then; nothing else may come, and none may be missing.
    const done = (): Set<string> => new Set(recorder.done.filter((id) => id !== dead));
    await bench.eventually(() => expect(done()).toEqual(waiting), bench.patienceMs);
    await bench.eventually(() => expect(recorder.attempts(retried)).toContain(2), bench.patienceMs);
    for (const settled of [dead, retried])
      expect(firstAttempts(recorder, settled).length).toBeLessThanOrEqual(1);
    expect(recorder.attempts(retried).filter((attempt) => attempt !== 1)).toEqual([2]);
    expect(recorder.attempts(delayed.id)).toEqual([1]);
    const letters = await after.deadLetters(bench.queue, 10);
    expect(letters.map((letter) => [letter.message.id, letter.reason])).toEqual([[dead, 'test.death']]);
    const heard = bench.collectEvents();
    await after.subscribe(heard.listener, bench.group);
    await bench.eventually(() => expect(heard.accepted).toEqual(['1', '2', '3', '4', '5']), bench.patienceMs);
  },

  'goes on by itself after a restart, and loses nothing sent meanwhile': async (bench) => {
    const [producer, worker] = [await bench.client(), await bench.client()];
    const recorder = collect();
    const heard = bench.collectEvents();
    await worker.consume([[bench.queue]], 5, recorder.process);
    await worker.subscribe(heard.listener, bench.group);
    const messages = Array.from({ length: 40 }, () => bench.message());
    const restarted = bench.restart();
    await Promise.all([restarted, ...messages.map((message) => bench.sendStubbornly(producer, message))]);
    const ids = new Set(messages.map((message) => message.id));
    await bench.eventually(() => expect(new Set(recorder.done)).toEqual(ids), bench.patienceMs);
    await bench.eventually(() => bench.publish(producer, 1, 1), bench.patienceMs);
    await bench.eventually(() => expect(heard.accepted).toContain('1'), bench.patienceMs);
  },

  'finishes a job that was in hand over a restart': async (bench) => {
    const worker = await bench.client();
    const gate = bench.gate();
    const recorder = collect(() => gate.opened.then(() => complete));
    await worker.consume([[bench.queue]], 1, recorder.process);
    const ids = await bench.send(worker, 2);
    await bench.eventually(() => expect(recorder.running).toBe(1));
    await bench.restart();
    gate.open();
    await bench.eventually(() => expect(new Set(recorder.done)).toEqual(new Set(ids)), bench.patienceMs);
    await bench.eventually(async () => {
      const { ready, inFlight = 0 } = await worker.inspect(bench.queue);
      expect({ ready, inFlight }).toEqual({ ready: 0, inFlight: 0 });
    }, bench.patienceMs);
  },
};

function firstAttempts(recorder: Recorder, id: string): readonly number[] {
  return recorder.attempts(id).filter((attempt) => attempt === 1);
}

/** Two jobs: one that is dead now, one whose retry waits. */
async function settleTwo(bench: Bench, client: Transport): Promise<readonly [dead: string, retried: string]> {
  const [dead, retried] = await bench.send(client, 2);
  const recorder = collect(({ message }) => (message.id === dead ? die('test.death') : retry(1_000)));
  const consumption = await client.consume([[bench.queue]], 2, recorder.process);
  await bench.eventually(() => expect(recorder.done).toHaveLength(2));
  await consumption.stop();
  return [dead!, retried!];
}

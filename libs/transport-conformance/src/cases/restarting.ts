import { expect } from '@jest/globals';
import type { Cases } from '../bench.js';
import { collect, complete, die, retry } from '../recorder.js';

export const restarting: Cases = {
  'keeps over a restart what was sent, waits or is dead': async (bench) => {
    const before = await bench.client();
    const [dead, retried] = await bench.send(before, 2);
    const dying = collect(({ message }) => (message.id === dead ? die('test.death') : retry(1_000)));
    const consumption = await before.consume([bench.queue], 1, dying.process);
    await bench.eventually(() => expect(dying.done).toHaveLength(2));
    await consumption.stop();
    const sent = await bench.send(before, 20);
    const delayed = bench.message();
    await before.send(delayed, { delayMs: 1_000 });
    await before.close();
    await bench.restart();

    const after = await bench.client();
    const recorder = collect();
    await after.consume([bench.queue], 5, recorder.process);
    const waiting = new Set([...sent, retried!, delayed.id]);
    await bench.eventually(() => expect(new Set(recorder.done)).toEqual(waiting), bench.patienceMs);
    expect(recorder.attempts(retried)).toEqual([2]);
    expect(recorder.attempts(delayed.id)).toEqual([1]);
    await bench.eventually(async () => {
      const letters = await after.deadLetters(bench.queue, 10);
      expect(letters.map((letter) => [letter.message.id, letter.reason])).toEqual([[dead, 'test.death']]);
    });
  },

  'goes on by itself after a restart, and loses nothing sent meanwhile': async (bench) => {
    const [producer, worker] = [await bench.client(), await bench.client()];
    const recorder = collect();
    const heard = bench.collectEvents();
    await worker.consume([bench.queue], 5, recorder.process);
    await worker.subscribe(heard.listener, bench.group);
    const messages = Array.from({ length: 40 }, () => bench.message());
    const restarted = bench.restart();
    await Promise.all([restarted, ...messages.map((message) => bench.sendStubbornly(producer, message))]);
    const ids = new Set(messages.map((message) => message.id));
    await bench.eventually(() => expect(new Set(recorder.done)).toEqual(ids), bench.patienceMs);
    await bench.eventually(() => bench.publish(producer, 1, 1), bench.patienceMs);
    await bench.eventually(() => expect(heard.accepted).toContain('1'), bench.patienceMs);
  },

  'keeps the events of a group over a restart': async (bench) => {
    const client = await bench.client();
    await (await client.subscribe(bench.collectEvents().listener, bench.group)).stop();
    await bench.publish(client, 1, 5);
    const keeper = client.keeper;
    await client.close();
    await bench.restart();
    const heard = bench.collectEvents();
    const again = await bench.client();
    await again.subscribe(heard.listener, bench.group);
    await bench.eventually(() => expect(heard.accepted).toEqual(['1', '2', '3', '4', '5']), bench.patienceMs);
    expect(again.keeper).toBe(keeper);
  },

  'finishes a job that was in hand over a restart': async (bench) => {
    const worker = await bench.client();
    const gate = bench.gate();
    const recorder = collect(() => gate.opened.then(() => complete));
    await worker.consume([bench.queue], 1, recorder.process);
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

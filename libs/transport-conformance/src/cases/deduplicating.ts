import { expect } from '@jest/globals';
import type { Cases } from '../bench.js';
import { collect, complete, release } from '../recorder.js';

export const deduplicating: Cases = {
  'drops a second send of the same id, attempt and release': async (bench) => {
    const client = await bench.client();
    const message = bench.message();
    await client.send(message);
    await client.send(message);
    const gate = bench.gate();
    const recorder = collect(() => gate.opened.then(() => complete));
    await client.consume([[bench.queue]], 5, recorder.process);
    await bench.eventually(() => expect(recorder.running).toBe(1));
    await client.send(message);
    const [last] = await bench.send(client, 1);
    await bench.eventually(() => expect(recorder.ids).toContain(last));
    expect(recorder.ids).toEqual([message.id, last]);
  },

  'takes the same job again as another attempt or release': async (bench) => {
    const client = await bench.client();
    const message = bench.message();
    await client.send(message);
    await client.send({ ...message, attempt: 2 });
    await client.send({ ...message, release: 1 });
    const recorder = collect();
    await client.consume([[bench.queue]], 5, recorder.process);
    await bench.eventually(() => expect(recorder.ids).toHaveLength(3));
  },

  'is not fooled by its own drop when a job is released often': async (bench) => {
    const client = await bench.client();
    await bench.send(client, 1);
    const recorder = collect(({ message }) => (message.release < 5 ? release : complete));
    await client.consume([[bench.queue]], 1, recorder.process);
    await bench.eventually(() => expect(recorder.ids).toHaveLength(6));
  },
};

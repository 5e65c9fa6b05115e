import { expect } from '@jest/globals';
import type { Cases } from '../bench.js';
import { collect, complete } from '../recorder.js';

export const disconnecting: Cases = {
  'goes on working after a dropped connection': async (bench) => {
    const client = await bench.client();
    const recorder = collect();
    await client.consume([[bench.queue]], 2, recorder.process);
    for (let drop = 1; drop <= 2; drop++) {
      await bench.disconnect();
      const message = bench.message();
      await bench.sendStubbornly(client, message);
      await bench.eventually(() => expect(recorder.done).toContain(message.id), bench.patienceMs);
    }
    await bench.eventually(() => client.check(), bench.patienceMs);
  },

  'goes on working on several queues after a dropped connection': async (bench) => {
    const queues = [bench.queue, `${bench.queue}.second`];
    const client = await bench.client(...queues);
    const recorder = collect();
    await client.consume([queues], 2, recorder.process);
    await bench.disconnect();
    for (const queue of queues) {
      const message = bench.message({ queue });
      await bench.sendStubbornly(client, message);
      await bench.eventually(() => expect(recorder.done).toContain(message.id), bench.patienceMs);
    }
  },

  'loses no job that was in hand when the connection dropped': async (bench) => {
    const client = await bench.client();
    const gate = bench.gate();
    const recorder = collect(() => gate.opened.then(() => complete));
    await client.consume([[bench.queue]], 2, recorder.process);
    const ids = await bench.send(client, 10);
    await bench.eventually(() => expect(recorder.running).toBe(2));
    await bench.disconnect();
    gate.open();
    await bench.eventually(() => expect(new Set(recorder.done)).toEqual(new Set(ids)), bench.patienceMs);
    await bench.eventually(async () => {
      const { ready, inFlight = 0 } = await client.inspect(bench.queue);
      expect({ ready, inFlight }).toEqual({ ready: 0, inFlight: 0 });
    }, bench.patienceMs);
  },

  'goes on listening to events after a dropped connection': async (bench) => {
    const client = await bench.client();
    const [live, group] = [bench.collectEvents(), bench.collectEvents()];
    await client.subscribe(live.listener);
    await client.subscribe(group.listener, bench.group);
    await bench.disconnect();
    for (const { accepted } of [live, group]) {
      await bench.eventually(async () => {
        await bench.publish(client, 1, 1);
        expect(accepted).toContain('1');
      }, bench.patienceMs);
    }
  },

  'goes on listening to signals after a dropped connection': async (bench) => {
    const client = await bench.client();
    const heard: string[] = [];
    await client.onSignal((body) => heard.push(Buffer.from(body).toString()));
    await bench.disconnect();
    await bench.eventually(async () => {
      await client.signal(Buffer.from(bench.queue));
      expect(heard).toContain(bench.queue);
    }, bench.patienceMs);
  },
};

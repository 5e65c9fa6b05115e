import { expect } from '@jest/globals';
import { type Consumption, type Transport, TransportError } from '@heavylift/core';
import type { Bench, Cases } from '../bench.js';
import { collect } from '../recorder.js';

export const checking: Cases = {
  'says that what was begun works, and that it does no more once it is stopped': async (bench) => {
    const begun = await beginAll(bench, await bench.client());
    for (const consumption of begun) await consumption.check();
    for (const consumption of begun) {
      await consumption.stop();
      await expect(consumption.check()).rejects.toBeInstanceOf(TransportError);
    }
  },

  'says that jobs come in while it works through many, from several queues': async (bench) => {
    const queues = [bench.queue, `${bench.queue}.second`];
    const client = await bench.client(...queues);
    const recorder = collect();
    const consumption = await client.consume([queues], 2, recorder.process);
    const sent = Promise.all(queues.map((queue) => bench.send(client, 200, { queue })));
    await bench.eventually(async () => {
      await consumption.check();
      expect(recorder.done).toHaveLength(400);
    }, bench.patienceMs);
    await sent;
  },

  'says that nothing comes in once the broker is out of reach': async (bench) => {
    const client = await bench.client();
    const begun = await beginAll(bench, client);
    await bench.crash(client);
    await bench.eventually(async () => {
      for (const consumption of begun)
        await expect(consumption.check()).rejects.toBeInstanceOf(TransportError);
    }, bench.patienceMs);
  },

  'says that all comes in again after a dropped connection': async (bench) => {
    const begun = await beginAll(bench, await bench.client());
    await bench.disconnect();
    await bench.eventually(async () => {
      for (const consumption of begun) await consumption.check();
    }, bench.patienceMs);
  },
};

/** One consumption of each kind. */
async function beginAll(bench: Bench, client: Transport): Promise<readonly Consumption[]> {
  return [
    await client.consume([[bench.queue]], 1, collect().process),
    await client.subscribe(bench.collectEvents().listener),
    await client.subscribe(bench.collectEvents().listener, bench.group),
    await client.onSignal(() => {}),
  ];
}

import { expect } from '@jest/globals';
import type { Cases } from '../bench.js';
import { holds } from '../eventually.js';
import { collect } from '../recorder.js';

/** Events for everyone who listens live, and what holds for every subscription. */
export const events: Cases = {
  'takes an event that nobody listens to': async (bench) => {
    const client = await bench.client();
    await bench.publish(client, 1, 3);
  },

  'tells everyone who listens live': async (bench) => {
    const [one, other] = [await bench.client(), await bench.client()];
    const heard = [bench.collectEvents(), bench.collectEvents(), bench.collectEvents()];
    await one.subscribe(heard[0]!.listener);
    await one.subscribe(heard[1]!.listener);
    await other.subscribe(heard[2]!.listener);
    await bench.publish(one, 1, 3);
    for (const { accepted } of heard) await bench.eventually(() => expect(accepted).toEqual(['1', '2', '3']));
  },

  'tells the topic of an event': async (bench) => {
    const client = await bench.client();
    const heard = bench.collectEvents();
    await client.subscribe(heard.listener);
    await client.publish(bench.topic('started'), Buffer.from('a'));
    await client.publish(bench.topic('succeeded'), Buffer.from('b'));
    await bench.eventually(() => expect(heard.accepted).toEqual(['a', 'b']));
    expect(heard.topics).toEqual([bench.topic('started'), bench.topic('succeeded')]);
  },

  'hands on the body of an event as any bytes': async (bench) => {
    const client = await bench.client();
    const body = Uint8Array.from({ length: 256 }, (_, i) => i);
    const bodies: Uint8Array[] = [];
    await client.subscribe(async (batch) => void bodies.push(...batch.map((event) => event.body)));
    await client.publish(bench.topic(), body);
    await bench.eventually(() => expect(bodies.some((heard) => Buffer.from(heard).equals(body))).toBe(true));
  },

  'tells a live listener nothing from before it came': async (bench) => {
    const client = await bench.client();
    await bench.publish(client, 1, 3);
    const heard = bench.collectEvents();
    await client.subscribe(heard.listener);
    await bench.publish(client, 4, 5);
    await bench.eventually(() => expect(heard.accepted).toEqual(['4', '5']));
  },

  'tells a live listener nothing twice, although it rejects': async (bench) => {
    const client = await bench.client();
    const seen: string[] = [];
    const heard = bench.collectEvents(async (bodies) => {
      seen.push(...bodies);
      if (bodies.includes('1')) throw new Error('no luck');
    });
    await client.subscribe(heard.listener);
    await bench.publish(client, 1, 1);
    await bench.eventually(() => expect(seen).toEqual(['1']));
    await bench.publish(client, 2, 2);
    await bench.eventually(() => expect(seen).toEqual(['1', '2']));
  },

  'tells nothing after a stop': async (bench) => {
    const client = await bench.client();
    const [stopped, heard] = [bench.collectEvents(), bench.collectEvents()];
    const subscription = await client.subscribe(stopped.listener);
    await client.subscribe(heard.listener);
    await bench.publish(client, 1, 1);
    await bench.eventually(() => expect(stopped.accepted).toEqual(['1']));
    await subscription.stop();
    await bench.publish(client, 2, 2);
    await bench.eventually(() => expect(heard.accepted).toEqual(['1', '2']));
    expect(stopped.accepted).toEqual(['1']);
  },

  'stalls no job by a slow listener': async (bench) => {
    const client = await bench.client();
    const gate = bench.gate();
    await client.subscribe(bench.collectEvents(() => gate.opened).listener);
    await client.subscribe(bench.collectEvents(() => gate.opened).listener, bench.group);
    await bench.publish(client, 1, 50);
    const recorder = collect();
    await client.consume([[bench.queue]], 2, recorder.process);
    await bench.send(client, 20);
    await bench.eventually(() => expect(recorder.done).toHaveLength(20));
    await bench.publish(client, 51, 60);
  },

  'waits for the batch in hand when it stops': async (bench) => {
    const client = await bench.client();
    const gate = bench.gate();
    const heard = bench.collectEvents(() => gate.opened);
    const subscription = await client.subscribe(heard.listener, bench.group);
    await bench.publish(client, 1, 1);
    await bench.eventually(() => expect(heard.batchSizes).not.toHaveLength(0));
    let stopped = false;
    const stopping = subscription.stop().then(() => (stopped = true));
    await holds(() => expect(stopped).toBe(false), 100);
    gate.open();
    await stopping;
    expect(heard.accepted).toEqual(['1']);
  },
};

import { expect } from '@jest/globals';
import type { Cases } from '../bench.js';

const numbers = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i));

/** Events for groups: durable, and shared by the members. */
export const groups: Cases = {
  'gives each event to one member of a group': async (bench) => {
    const publisher = await bench.client();
    const members = [bench.collectEvents(), bench.collectEvents()];
    for (const member of members) await (await bench.client()).subscribe(member.listener, bench.group);
    await bench.publish(publisher, 1, 100);
    const all = (): string[] =>
      members.flatMap((member) => member.accepted).toSorted((a, b) => Number(a) - Number(b));
    await bench.eventually(() => expect(all()).toEqual(numbers(1, 100)));
  },

  'gives each event to every group, and to those who listen live': async (bench) => {
    const client = await bench.client();
    const heard = [bench.collectEvents(), bench.collectEvents(), bench.collectEvents()];
    await client.subscribe(heard[0]!.listener, bench.group);
    await client.subscribe(heard[1]!.listener, `${bench.group}-2`);
    await client.subscribe(heard[2]!.listener);
    await bench.publish(client, 1, 10);
    for (const { accepted } of heard) await bench.eventually(() => expect(accepted).toEqual(numbers(1, 10)));
  },

  'keeps the order of a publisher over a thousand events': async (bench) => {
    const client = await bench.client();
    const heard = bench.collectEvents();
    await client.subscribe(heard.listener, bench.group);
    // not awaited one by one: the order is that of the calls
    const bodies = numbers(1, 1_000);
    await Promise.all(bodies.map((body) => client.publish(bench.topic(), Buffer.from(body))));
    await bench.eventually(() => expect(heard.accepted).toEqual(bodies), bench.patienceMs);
    expect(Math.max(...heard.batchSizes)).toBeLessThanOrEqual(256);
  },

  'begins with its first subscription': async (bench) => {
    const client = await bench.client();
    await bench.publish(client, 1, 3);
    const heard = bench.collectEvents();
    await client.subscribe(heard.listener, bench.group);
    await bench.publish(client, 4, 5);
    await bench.eventually(() => expect(heard.accepted).toEqual(['4', '5']));
  },

  'gives a group what it missed while it was away': async (bench) => {
    const publisher = await bench.client();
    const early = bench.collectEvents();
    const member = await bench.client();
    await member.subscribe(early.listener, bench.group);
    await bench.publish(publisher, 1, 2);
    await bench.eventually(() => expect(early.accepted).toEqual(['1', '2']));
    await member.close();
    await bench.publish(publisher, 3, 300);
    const late = bench.collectEvents();
    await (await bench.client()).subscribe(late.listener, bench.group);
    await bench.eventually(() => expect(late.accepted).toEqual(numbers(3, 300)));
  },

  'gives a batch again when its listener rejects': async (bench) => {
    const client = await bench.client();
    let rejections = 0;
    const heard = bench.collectEvents(async () => {
      if (++rejections <= 2) throw new Error('no luck');
    });
    await client.subscribe(heard.listener, bench.group);
    await bench.publish(client, 1, 20);
    await bench.eventually(() => expect(heard.accepted).toEqual(numbers(1, 20)));
  },

  'lets the other members go on when one leaves': async (bench) => {
    const [publisher, leaving] = [await bench.client(), await bench.client()];
    const [left, heard] = [bench.collectEvents(), bench.collectEvents()];
    const subscription = await leaving.subscribe(left.listener, bench.group);
    await (await bench.client()).subscribe(heard.listener, bench.group);
    await bench.publish(publisher, 1, 20);
    await subscription.stop();
    await bench.publish(publisher, 21, 60);
    const all = (): Set<string> => new Set([...left.accepted, ...heard.accepted]);
    await bench.eventually(() => expect(all()).toEqual(new Set(numbers(1, 60))), bench.patienceMs);
  },
};

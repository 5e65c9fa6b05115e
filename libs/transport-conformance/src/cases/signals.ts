import { expect } from '@jest/globals';
import type { Transport } from '@heavylift/core';
import type { Cases } from '../bench.js';
import { holds } from '../eventually.js';

export const signals: Cases = {
  'tells everyone who is connected, the sender too': async (bench) => {
    const clients = [await bench.client(), await bench.client(), await bench.client()];
    const heard = await Promise.all(clients.map((client) => listen(client, bench.queue)));
    await clients[0]!.signal(Buffer.from(`${bench.queue} cancel`));
    for (const signals of heard)
      await bench.eventually(() => expect(signals).toEqual([`${bench.queue} cancel`]));
    await holds(() => expect(heard.flat()).toHaveLength(3), 100);
  },

  'keeps nothing for those who come later': async (bench) => {
    const client = await bench.client();
    await client.signal(Buffer.from(`${bench.queue} early`));
    const heard = await listen(client, bench.queue);
    await client.signal(Buffer.from(`${bench.queue} late`));
    await bench.eventually(() => expect(heard).toEqual([`${bench.queue} late`]));
  },

  'tells nothing after a listener stopped': async (bench) => {
    const client = await bench.client();
    const stopped: string[] = [];
    const subscription = await client.onSignal((body) => stopped.push(Buffer.from(body).toString()));
    await subscription.stop();
    const heard = await listen(client, bench.queue);
    await client.signal(Buffer.from(`${bench.queue} pause`));
    await bench.eventually(() => expect(heard).toEqual([`${bench.queue} pause`]));
    expect(stopped).toEqual([]);
  },

  'survives a listener that throws': async (bench) => {
    const client = await bench.client();
    await client.onSignal(() => {
      throw new Error('no luck');
    });
    const heard = await listen(client, bench.queue);
    for (const word of ['one', 'two']) await client.signal(Buffer.from(`${bench.queue} ${word}`));
    await bench.eventually(() => expect(heard).toEqual([`${bench.queue} one`, `${bench.queue} two`]));
  },
};

async function listen(client: Transport, start: string): Promise<string[]> {
  const heard: string[] = [];
  await client.onSignal((body) => {
    const text = Buffer.from(body).toString();
    if (text.startsWith(start)) heard.push(text);
  });
  return heard;
}

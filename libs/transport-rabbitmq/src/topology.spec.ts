import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobMessage, Listener, Transport } from '@heavylift/core';
import { sharedRabbitmqManagementUrl, sharedRabbitmqUrl, waitUntil } from '@heavylift/test-servers';
import { createRabbitmqTransport } from './index.js';

const queue = 'topology.spec';
const clientName = 'topology-worker@host-1';
const message: JobMessage = {
  id: 'job-1',
  queue,
  type: 'heavylift.job.topology.spec.v1',
  attempt: 1,
  suspected: 0,
  release: 0,
  headers: { traceparent: '00-a-b-01' },
  body: Buffer.from('{"specversion":"1.0"}'),
};

let transport: Transport;
let api: string;

beforeAll(async () => {
  transport = createRabbitmqTransport({ url: await sharedRabbitmqUrl(), clientName });
  api = await sharedRabbitmqManagementUrl();
  await transport.connect([{ name: queue }]);
}, 60_000);

afterAll(() => transport.close());

async function ask<T>(path: string, body?: object): Promise<T> {
  const url = new URL(`/api/${path}`, api);
  const authorization = `Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}`;
  url.username = url.password = '';
  const request = body ? { method: 'POST', body: JSON.stringify(body) } : {};
  const response = await fetch(url, { ...request, headers: { authorization } });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

describe('what an operator sees', () => {
  it('has six durable exchanges', async () => {
    const found = await ask<{ name: string; type: string; durable: boolean }[]>('exchanges/%2F');
    const own = found.filter(({ name }) => name.startsWith('heavylift.'));
    expect(own.toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject([
      { name: 'heavylift.control', type: 'fanout', durable: true },
      { name: 'heavylift.custody', type: 'direct', durable: true },
      { name: 'heavylift.dead', type: 'direct', durable: true },
      { name: 'heavylift.events', type: 'topic', durable: true },
      { name: 'heavylift.jobs', type: 'direct', durable: true },
      { name: 'heavylift.retry', type: 'direct', durable: true },
    ]);
  });

  it('has a durable quorum queue for jobs, and one for dead letters', async () => {
    expect(await ask(`queues/%2F/${queue}`)).toMatchObject({
      type: 'quorum',
      durable: true,
      arguments: { 'x-dead-letter-exchange': 'heavylift.dead', 'x-dead-letter-strategy': 'at-least-once' },
    });
    expect(await ask(`queues/%2F/${queue}.dead`)).toMatchObject({ type: 'quorum', durable: true });
  });

  it('can read a message that waits', async () => {
    await transport.send(message);
    const look = { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' };
    const [waiting] = await ask<[object]>(`queues/%2F/${queue}/get`, look);
    expect(waiting).toMatchObject({
      payload: '{"specversion":"1.0"}',
      routing_key: queue,
      properties: {
        message_id: 'job-1',
        type: 'heavylift.job.topology.spec.v1',
        app_id: clientName,
        content_type: 'application/cloudevents+json',
        delivery_mode: 2,
        timestamp: expect.closeTo(Date.now() / 1_000, -2),
        headers: { traceparent: '00-a-b-01' },
      },
    });
  });

  it('can tell which retries wait, and for how long', async () => {
    await transport.send({ ...message, id: 'job-2' }, { delayMs: 60_000 });
    expect(await ask('queues/%2F/heavylift.retry.1m')).toMatchObject({
      arguments: { 'x-message-ttl': 60_000 },
    });
  });

  it('finds nothing in the queue of a group that the group has no use for, though it was bound otherwise before', async () => {
    const group = 'topology.spec';
    const heard: { readonly [of in 'all' | 'group' | 'live']: string[] } = { all: [], group: [], live: [] };
    const hear =
      (of: keyof typeof heard): Listener =>
      async (events) =>
        // Other specs have the broker, too.
        void heard[of].push(
          ...events.map(({ topic }) => topic).filter((topic) => topic.endsWith(`.${queue}`)),
        );
    const keys = async (): Promise<string[]> => {
      const found = await ask<{ source: string; routing_key: string }[]>(
        `queues/%2F/heavylift.events.${group}/bindings`,
      );
      return found.filter(({ source }) => source !== '').map(({ routing_key: key }) => key);
    };
    await transport.subscribe(hear('live'));
    const before = await transport.subscribe(hear('all'), group);
    expect(await keys()).toEqual(['#']);
    await transport.publish('queued.topology.spec', Buffer.from('{}'));
    await waitUntil('it comes', async () => heard.all.length === 1, { timeoutMs: 20_000 });
    await before.stop();
    const after = await transport.subscribe(hear('group'), group, ['queued']);
    expect(await keys()).toEqual(expect.arrayContaining(['started.#', 'progressed.#', 'logged.#']));
    expect((await keys()).filter((key) => key === '#' || key === 'queued.#')).toEqual([]);
    await transport.publish('queued.topology.spec', Buffer.from('{}'));
    await transport.publish('succeeded.topology.spec', Buffer.from('{}'));
    await waitUntil('it comes', async () => heard.group.length > 0 && heard.live.length === 3, {
      timeoutMs: 20_000,
    });
    expect(heard.group).toEqual(['succeeded.topology.spec']);
    await after.stop();
  });

  it('knows connections and consumers by the name of their process', async () => {
    const consumption = await transport.consume([[queue]], 3, async () => ({ kind: 'complete' }));
    // The management API learns of connections and consumers some seconds late.
    await waitUntil(
      'the management API shows them',
      async () => {
        const connections = await ask<{ user_provided_name: string }[]>('connections');
        const names = connections.map((connection) => connection.user_provided_name);
        expect(names).toEqual(expect.arrayContaining([`${clientName}:publish`, `${clientName}:consume`]));
        const consumers = await ask<{ consumer_tag: string; prefetch_count: number }[]>('consumers/%2F');
        expect(consumers).toContainEqual(
          expect.objectContaining({ consumer_tag: `${clientName}:${queue}`, prefetch_count: 3 }),
        );
        return true;
      },
      { timeoutMs: 20_000 },
    );
    await consumption.stop();
  });
});

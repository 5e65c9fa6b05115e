import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsServer, startNats } from '@heavylift/test-servers';
import { connect, type NatsConnection } from 'nats';
import { publishAll } from './publish-all.js';

describe('publishing one text to many subjects', () => {
  let server: NatsServer;
  let nc: NatsConnection;

  beforeAll(async () => {
    server = await startNats();
    nc = await connect({ servers: new URL(server.url).host });
  }, 60_000);

  afterAll(async () => {
    await nc.close();
    await server.stop();
  });

  const clients: readonly [string, () => NatsConnection][] = [
    ['at once', () => nc],
    [
      'one by one, where the client does not tell how to do it at once',
      () => ({ publish: nc.publish.bind(nc) }) as unknown as NatsConnection,
    ],
  ];

  it.each(clients)('sends all in their order, %s', async (_, client) => {
    const heard: string[] = [];
    const subscription = nc.subscribe('acks.*', {
      callback: (_, message) => void heard.push(`${message.subject} ${message.string()}`),
    });
    publishAll(client(), ['acks.a', 'acks.b'], '+ACK');
    publishAll(client(), [], '+ACK');
    nc.publish('acks.last', '+ACK');
    await nc.flush();
    subscription.unsubscribe();
    expect(heard).toEqual(['acks.a +ACK', 'acks.b +ACK', 'acks.last +ACK']);
  });
});

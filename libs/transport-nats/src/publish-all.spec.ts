import { describe, expect, it } from '@jest/globals';
import { publishAll } from './publish-all.js';
import { twoClients } from './two-clients.fixtures.js';

describe('publishing one text to many subjects', () => {
  const clients = twoClients();

  it.each([
    ['at once', 'whole'],
    ['one by one, where the client does not tell how to do it at once', 'plain'],
  ] as const)('sends all in their order, %s', async (_, client) => {
    const { whole: nc, [client]: chosen } = clients();
    const heard: string[] = [];
    const subscription = nc.subscribe('acks.*', {
      callback: (_, message) => void heard.push(`${message.subject} ${message.string()}`),
    });
    publishAll(chosen, ['acks.a', 'acks.b'], '+ACK');
    publishAll(chosen, [], '+ACK');
    nc.publish('acks.last', '+ACK');
    await nc.flush();
    subscription.unsubscribe();
    expect(heard).toEqual(['acks.a +ACK', 'acks.b +ACK', 'acks.last +ACK']);
  });
});

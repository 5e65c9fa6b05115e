import { describe, expect, it } from '@jest/globals';
import { connect, ErrorCode } from 'nats';
import { publishWithHead } from './publish-with-head.js';
import { twoClients } from './two-clients.fixtures.js';

describe('publishing a message whose head is text', () => {
  const clients = twoClients();

  it.each([
    ['at once', 'whole'],
    ['as the client does it, where that does not tell how to do it at once', 'plain'],
  ] as const)('carries head, body and reply, be they ASCII or not, %s', async (_, client) => {
    const { whole: nc, [client]: chosen } = clients();
    const heard: string[] = [];
    const subscription = nc.subscribe('jobs.*', {
      callback: (_, message) =>
        void heard.push(
          [message.subject, message.reply, message.headers?.get('Note'), message.string()].join(' '),
        ),
    });
    const publish = (reply: string, note: string, body: string): void =>
      publishWithHead(chosen, {
        subject: 'jobs.a',
        reply,
        lines: `Note: ${note}\r\n`,
        data: Buffer.from(body),
      });
    publish('r.1', 'plain', 'body');
    publish('r.2', 'größer', '大きい');
    publish('r.3', 'plain', '');
    await nc.flush();
    subscription.unsubscribe();
    expect(heard).toEqual(['jobs.a r.1 plain body', 'jobs.a r.2 größer 大きい', 'jobs.a r.3 plain ']);
  });

  it('fails as the client does: too large, or on a closed connection', async () => {
    const other = await connect({ servers: new URL(clients().server.url).host });
    const publish = (data: Uint8Array) => (): void =>
      publishWithHead(other, { subject: 'jobs.a', reply: 'r', lines: 'Note: x\r\n', data });
    const tooLarge = new Uint8Array(other.info!.max_payload);
    expect(publish(tooLarge)).toThrow(expect.objectContaining({ code: ErrorCode.MaxPayloadExceeded }));
    await other.drain();
    expect(publish(Buffer.from('x'))).toThrow(expect.objectContaining({ code: ErrorCode.ConnectionClosed }));
  });
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openGateway, type TestGateway, until } from './gateway.fixtures.js';

describe('a gateway that stops', () => {
  let gateway: TestGateway | undefined;
  afterEach(() => gateway?.close());

  it('answers the request of a client that had connected before', async () => {
    gateway = await openGateway({ drainTimeoutSeconds: 30 });
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    let answered = '';
    socket.on('data', (text) => (answered += String(text)));
    await once(socket, 'connect');
    // Once a later client has been answered, the gateway has seen the earlier one too.
    await gateway.get('/health/live');
    const stopped = gateway.stop();
    await until('nobody new is taken', () => isRefused(Number(port), hostname));
    socket.write('GET /v1/jobs HTTP/1.1\r\nhost: gateway\r\n\r\n');
    await once(socket, 'close');
    await stopped;
    expect(answered).toMatch(/^HTTP\/1\.1 200 /);
  });
});

function isRefused(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('error', () => resolve(true));
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
  });
}

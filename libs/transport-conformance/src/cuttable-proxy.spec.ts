import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCuttableProxy } from './cuttable-proxy.js';
import { eventually } from './eventually.js';

describe('openCuttableProxy', () => {
  let echo: Server;
  let open = 0;

  beforeAll(async () => {
    echo = createServer((socket) => {
      open++;
      socket.on('close', () => open--).on('error', (error) => socket.destroy(error));
      socket.pipe(socket);
    });
    await once(echo.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => once(echo.close(), 'close'));

  it('relays both ways until it is cut, and then takes nobody', async () => {
    const proxy = await openCuttableProxy((echo.address() as AddressInfo).port);
    const client = connect(proxy.port, '127.0.0.1');
    client.write('hello');
    expect(String((await once(client, 'data'))[0])).toBe('hello');
    expect(open).toBe(1);
    const ended = once(client, 'close');
    await proxy.cut();
    await proxy.cut();
    await ended;
    await eventually(() => expect(open).toBe(0), 30_000);
    await expect(once(connect(proxy.port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
  });
});

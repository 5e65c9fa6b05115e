import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import { ChaosProxy } from './chaos-proxy.js';

describe('the network of the chaos', () => {
  let echo: Server;
  let proxy: ChaosProxy;
  let client: Socket;
  let heard = '';
  const atServer: Socket[] = [];

  beforeAll(async () => {
    echo = createServer((socket) => {
      atServer.push(socket);
      socket.on('error', () => socket.destroy());
      socket.pipe(socket);
    });
    await once(echo.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    echo.close();
    for (const socket of atServer) socket.destroy();
    await once(echo, 'close');
  });
  beforeEach(async () => {
    proxy = await ChaosProxy.open((echo.address() as AddressInfo).port);
    client = await connected();
    await roundTrip('hello');
  });
  afterEach(() => proxy.close());

  async function connected(): Promise<Socket> {
    heard = '';
    const socket = connect(proxy.port, '127.0.0.1').on('error', () => socket.destroy());
    socket.on('data', (bytes) => (heard += String(bytes)));
    await once(socket, 'connect');
    return socket;
  }

  async function roundTrip(text: string): Promise<void> {
    client.write(text);
    await waitUntil(`the echo of "${text}"`, async () => heard.endsWith(text), {
      timeoutMs: 30_000,
      everyMs: 5,
    });
  }

  const isClosed = (socket: Socket): Promise<void> =>
    waitUntil('the end of a connection', async () => socket.destroyed, { timeoutMs: 30_000, everyMs: 5 });

  it('resets both sides when it is cut, and relays again once it is healed', async () => {
    proxy.cut();
    await Promise.all([isClosed(client), isClosed(atServer.at(-1)!)]);
    await isClosed(connect(proxy.port, '127.0.0.1').on('error', () => undefined));
    proxy.heal();
    client = await connected();
    await roundTrip('again');
  });

  it('swallows bytes one way and tells nobody, not even of an end, until it is healed', async () => {
    proxy.deafen(['down']);
    const server = atServer.at(-1)!;
    const taken = once(server, 'data');
    client.write('lost on its way back');
    await taken;
    client.destroy();
    await isClosed(client);
    expect(heard).toBe('hello');
    expect([server.destroyed, server.readableEnded]).toEqual([false, false]);
    proxy.heal();
    await isClosed(server);
  });

  it('passes on an end, with what came before it', async () => {
    const ended = once(atServer.at(-1)!, 'end');
    client.end(' and goodbye');
    await ended;
    await isClosed(client);
    expect(heard).toBe('hello and goodbye');
  });

  it('keeps the order when it is slow', async () => {
    proxy.slowDown(30);
    const before = performance.now();
    for (const letter of 'abc') client.write(letter);
    await roundTrip('d');
    expect(heard).toBe('helloabcd');
    // Thirty there and thirty back; a timer may come a little early.
    expect(performance.now() - before).toBeGreaterThanOrEqual(55);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from 'nats';
import { waitUntil } from './deadline.ts';
import { startNats, type NatsServer } from './nats.ts';
import { answersOk } from './probe.ts';

describe('a nats-server for tests', () => {
  let server: NatsServer;

  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(() => server.stop());

  it('is killed, refuses clients, and starts again on its port with its stream', async () => {
    await within(server.url, async (connection) => {
      const manager = await connection.jetstreamManager();
      await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
      await connection.jetstream().publish('kept', new TextEncoder().encode('survives'));
    });
    await server.kill();
    await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow();
    await server.start();
    expect(await messages(server.url)).toBe(1);
  });

  it('keeps its stream over a polite restart', async () => {
    await server.restart();
    expect(await messages(server.url)).toBe(1);
  });

  it('takes other settings while it runs: clients without the new password are put out, until there is none', async () => {
    const watching = await connect({
      servers: server.url,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
    });
    const types: string[] = [];
    // Not awaited: the client does not end what it tells.
    void (async () => {
      for await (const { type } of watching.status()) types.push(type);
    })();
    const told = (type: string): Promise<void> =>
      waitUntil(type, async () => types.includes(type), { timeoutMs: 30_000 });
    await server.configure('authorization { user: somebody, password: secret }');
    await told('disconnect');
    await server.configure();
    await told('reconnect');
    expect(await messages(server.url)).toBe(1);
    await watching.close();
  }, 60_000);

  it('can be monitored over HTTP', async () => {
    expect(await answersOk(`${server.monitorUrl}/jsz`)).toBe(true);
  });
});

async function messages(url: string): Promise<number> {
  return within(url, async (connection) => {
    const manager = await connection.jetstreamManager();
    return (await manager.streams.info('KEPT')).state.messages;
  });
}

async function within<T>(url: string, act: (connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: url, reconnect: false });
  try {
    return await act(connection);
  } finally {
    await connection.close();
  }
}

import { afterAll, beforeAll } from '@jest/globals';
import type { Transport } from '@heavylift/core';
import { type RabbitmqServer, startRabbitmq } from '@heavylift/test-servers';
import { type CuttableProxy, describeTransport, openCuttableProxy } from '@heavylift/transport-conformance';
import { createRabbitmqTransport } from './index.js';

let server: RabbitmqServer;
const proxies = new Map<Transport, CuttableProxy>();

beforeAll(async () => {
  server = await startRabbitmq();
}, 120_000);

afterAll(async () => {
  await Promise.all([...proxies.values()].map((proxy) => proxy.cut()));
  await server.stop();
}, 60_000);

async function create(clientName: string): Promise<Transport> {
  const proxy = await openCuttableProxy(Number(new URL(server.url).port));
  const url = new URL(server.url);
  const transport = createRabbitmqTransport({
    url: `amqp://${url.username}:${url.password}@127.0.0.1:${proxy.port}`,
    clientName,
    // So short that jobs which the suite holds for a while are moved while it looks.
    leaseRenewMs: 300,
  });
  proxies.set(transport, proxy);
  return transport;
}

describeTransport({
  name: 'rabbitmq',
  create,
  crash: async (transport) => proxies.get(transport)?.cut(),
  disconnect: async () => {
    await server.ctl('close_all_connections', 'dropped by the test');
  },
  restart: () => server.restart(),
});

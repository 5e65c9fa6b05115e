import { afterAll, beforeAll } from '@jest/globals';
import type { Transport } from '@heavylift/core';
import { type NatsServer, startNats } from '@heavylift/test-servers';
import { type CuttableProxy, describeTransport, openCuttableProxy } from '@heavylift/transport-conformance';
import { createNatsTransport } from './index.js';

const leaseMs = 1_000;

let server: NatsServer;
const proxies = new Map<Transport, CuttableProxy>();

beforeAll(async () => {
  server = await startNats();
}, 120_000);

afterAll(async () => {
  await Promise.all([...proxies.values()].map((proxy) => proxy.cut()));
  await server.stop();
});

async function create(clientName: string): Promise<Transport> {
  const proxy = await openCuttableProxy(Number(new URL(server.url).port));
  const url = `nats://127.0.0.1:${proxy.port}`;
  const transport = createNatsTransport({ url, clientName, ackWaitMs: leaseMs, warn: () => {} });
  proxies.set(transport, proxy);
  return transport;
}

describeTransport({
  name: 'nats',
  create,
  leaseMs,
  dedupes: true,
  crash: async (transport) => proxies.get(transport)?.cut(),
  disconnect: () => server.restart(),
  restart: async () => {
    await server.kill();
    await server.start();
  },
});

import { afterAll, beforeAll, it } from '@jest/globals';
import { type RabbitmqServer, startRabbitmq } from '@heavylift/test-servers';
import { Bench } from '../../transport-conformance/src/bench.js';
import { restarting } from '../../transport-conformance/src/cases/restarting.js';
import { createRabbitmqTransport } from './index.js';
let server: RabbitmqServer;
beforeAll(async () => { server = await startRabbitmq(); }, 60_000);
afterAll(() => server.stop(), 30_000);
it('loops', async () => {
  const harness = { name: 'x', timeoutMs: 220_000, create: async (clientName: string) => createRabbitmqTransport({ url: server.url, clientName, leaseRenewMs: 300 }), restart: () => server.restart() };
  for (let n = 0; n < 14; n++) {
    const bench = new Bench(harness);
    if (n === 0) { const c = await bench.client(); await c.connect(Array.from({ length: 90 }, (_, i) => ({ name: `many${i}` }))); }
    const t = performance.now();
    try { await restarting['keeps over a restart what waits, is delayed, is dead or was published']!(bench); process.stderr.write(`round ${n} ok ${Math.round(performance.now() - t)}\n`); }
    catch (e) { process.stderr.write(`round ${n} FAILED ${Math.round(performance.now() - t)} ${String(e).slice(0, 600)} ${await server.ctl('list_queues', 'name', 'messages', 'messages_dlx')}\n`); }
    await bench.close();
  }
}, 3_000_000);

import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'amqplib';
import { startRabbitmq } from './libs/test-servers/src/index.ts';
const server = await startRabbitmq();
const q = { 'x-queue-type': 'quorum', 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' };
try {
  for (let round = 1; round <= 10; round++) {
    const c = await connect(server.url, { noDelay: true }); c.on('error', () => {}); const ch = await c.createConfirmChannel();
    await ch.assertExchange('jobs', 'direct'); await ch.assertExchange('retry', 'direct');
    for (let n = 0; n < 15; n++) await ch.assertQueue(`other${n}`, { arguments: q }); 
    await ch.assertQueue('delay', { arguments: { ...q, 'x-message-ttl': 1000, 'x-dead-letter-exchange': 'jobs' } }); await ch.bindQueue('delay', 'retry', '1s');
    const work = `work${round}`; await ch.assertQueue(work, { arguments: q }); await ch.bindQueue(work, 'jobs', work);
    ch.publish('retry', work, Buffer.from('x'), { persistent: true, BCC: ['1s'] } as never); await ch.waitForConfirms(); await c.close();
    await server.restart(); const t = performance.now();
    const c2 = await connect(server.url); c2.on('error', () => {}); const ch2 = await c2.createChannel(); let m: unknown = false;
    while (!m && performance.now() - t < 240_000) { m = await ch2.get(work); await delay(50); }
    console.log(round, m ? 'arrived' : 'MISSING', Math.round(performance.now() - t)); await c2.close();
  }
} finally { await server.stop(); }
process.exit(0);

/**
 * `node bench/when-to-queue.ts`, after `npm run build`: the figures of docs/when-to-queue.md. Draws the same pictures in an un-awaited promise and as jobs on
 * each broker, starts what it needs on this machine, and prints a Markdown table. `BROKERS=embedded,nats` leaves the others out. Takes about two minutes.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { startNats, startRabbitmq, type TestServer } from '../libs/test-servers/src/index.ts';
import { openHeavyliftWay } from './when-to-queue/heavylift-way.ts';
import { type Figures, measure } from './when-to-queue/measure.ts';
import { openPromiseWay } from './when-to-queue/promise-way.ts';
import type { Way } from './when-to-queue/way.ts';

const chosen = (process.env.BROKERS ?? 'embedded,rabbitmq,nats').split(',');
const table = new Map<string, Figures>();

async function run(open: () => Promise<Way>): Promise<void> {
  const way = await open();
  try {
    console.error(`${way.name} …`);
    table.set(way.name, await measure(way));
  } finally {
    await way.stop();
  }
}

async function runOn(name: string, start: () => Promise<TestServer>): Promise<void> {
  const server = await start();
  try {
    await run(() => openHeavyliftWay(name, server.url));
  } finally {
    await server.stop();
  }
}

function print(): void {
  const ways = [...table.keys()];
  const rows = Object.keys(table.get(ways[0]!)!);
  console.log(
    `${availableParallelism()} cores (${cpus()[0]?.model}), Node ${process.version}, load before ${load}\n`,
  );
  console.log(`| | ${ways.join(' | ')} |\n| --- |${' --- |'.repeat(ways.length)}`);
  for (const row of rows) console.log(`| ${row} | ${ways.map((way) => table.get(way)![row]).join(' | ')} |`);
}

const load = loadavg()[0]!.toFixed(1);
await run(openPromiseWay);
if (chosen.includes('embedded')) await run(() => openHeavyliftWay('embedded', 'embedded:'));
if (chosen.includes('rabbitmq')) await runOn('RabbitMQ', startRabbitmq);
if (chosen.includes('nats')) await runOn('NATS', startNats);
print();

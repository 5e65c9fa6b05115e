import { afterAll, expect } from '@jest/globals';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenServers } from '../support/system.js';
import type { RealBroker } from './chaos-broker.js';
import { reportOf } from './report.js';
import { runChaos } from './run-chaos.js';
import { summaryOf } from './summary.js';

const seconds = Number(process.env.CHAOS_SECONDS ?? 60);
/** Chosen so that a minute has every kind of fault: RabbitMQ with two gateways, NATS with one. */
const seeds: Readonly<Record<RealBroker, number>> = { rabbitmq: 37, nats: 39 };
const seedOf = (broker: RealBroker): number => Number(process.env.CHAOS_SEED ?? seeds[broker]);
/** Start, the last recovery, and the waits for the end of all jobs and an empty broker are limited for themselves. */
const limitMs = seconds * 1_000 + 900_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const columns: Record<string, Readonly<Record<string, unknown>>> = {};
afterAll(() => print(tableOf(columns)));

describeSideBySide(chosenServers, 'in chaos, the whole system on %s', (broker, { it }) => {
  it(
    'loses no job, and ends none twice',
    async () => {
      const tell = (line: string): void => print(`${broker.padEnd(8)} ${line}`);
      const run = await runChaos({ broker, seed: seedOf(broker), seconds, print: tell });
      columns[broker] = summaryOf(run);
      expect(reportOf(run)).toBe('');
    },
    limitMs,
  );
});

function tableOf(columns: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const rows = Object.keys(Object.values(columns)[0] ?? {});
  const line = (name: string, cells: readonly unknown[]): string =>
    name.padEnd(24) + cells.map((cell) => String(cell).padStart(10)).join('');
  return [
    line('', Object.keys(columns)),
    ...rows.map((row) =>
      line(
        row,
        Object.values(columns).map((column) => column[row]),
      ),
    ),
  ].join('\n');
}

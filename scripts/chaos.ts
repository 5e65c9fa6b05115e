/**
 * `npm run chaos -- --minutes 30 --seed 7 --broker nats`: the whole system under faults for so long, on RabbitMQ and on NATS beside each other
 * unless one is named. Without a seed, a new one. Exits 1 when a promise was broken.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runVisibly } from './test/commands.ts';

const usage = 'usage: npm run chaos -- [--minutes 5] [--seed N] [--broker rabbitmq|nats]';
const brokers: readonly string[] = ['rabbitmq', 'nats'];

interface Settings {
  readonly CHAOS_SECONDS: string;
  readonly CHAOS_SEED: string;
  readonly BROKERS: string;
}

/** @throws {Error} when an argument is none of ours */
function settings(): Settings {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { minutes: text, seed: text, broker: text } });
  const { minutes = '5', seed = String(randomInt(1_000_000)), broker } = values;
  if (!(Number(minutes) > 0)) throw new Error(`--minutes is ${minutes}: it takes a number over 0`);
  if (!/^\d+$/.test(seed)) throw new Error(`--seed is ${seed}: it takes a whole number from 0`);
  if (broker !== undefined && !brokers.includes(broker))
    throw new Error(`--broker is ${broker}: it takes ${brokers.join(' or ')}`);
  return {
    CHAOS_SECONDS: String(Number(minutes) * 60),
    CHAOS_SEED: seed,
    BROKERS: broker ?? brokers.join(','),
  };
}

// Both get it from the terminal; the child needs its time to end what it started.
process.on('SIGINT', () => undefined);

try {
  const env = { ...process.env, ...settings() };
  process.exitCode = await runVisibly('node', ['scripts/test.ts', 'test/chaos/chaos.spec.ts'], env);
} catch (error) {
  console.error(`${(error as Error).message}\n${usage}`);
  process.exitCode = 2;
}

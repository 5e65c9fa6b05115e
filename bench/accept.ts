import { join } from 'node:path';
import { postAll } from './harness/http-load.ts';
import { quantile, rate } from './harness/numbers.ts';
import { Program } from './harness/program.ts';
import { type Contestant, type Figures, milliseconds, perSecond, type Scenario } from './harness/scenario.ts';
import type { Stage } from './harness/stage.ts';
import { jobOf, System } from './harness/system.ts';

const connections = 50;
const batch = 100;

export const scenario: Scenario = {
  about:
    'Jobs accepted over HTTP, answered with 202 once they are stored: single posts over 50 connections, and batches of 100 over 4. Nothing runs them, but they are sent to the broker meanwhile. Beside it a bare Fastify that adds to BullMQ. The load generator shares the cores.',
  measures: { single: perSecond, 'single p99': milliseconds, 'in batches': perSecond },
  warmsUp: true,
  open: async (stage) => [await heavylift(stage), await fastifyWithBullmq(stage)],
};

async function heavylift(stage: Stage): Promise<Contestant> {
  const system = await System.open(stage, { workers: 1 });
  await system.pause();
  return { name: 'heavylift', round: () => accept(stage, system.url), close: () => system.close() };
}

async function fastifyWithBullmq(stage: Stage): Promise<Contestant> {
  const entry = join(import.meta.dirname, 'service/bullmq-api.ts');
  const api = await Program.start(entry, { REDIS_URL: await stage.redisUrl() });
  return { name: 'Fastify + BullMQ', round: () => accept(stage, api.url), close: () => api.end('SIGTERM') };
}

async function accept(stage: Stage, url: string): Promise<Figures> {
  const count = stage.pick(10_000, 200);
  const began = performance.now();
  const took = await postAll(url, {
    path: '/v1/jobs',
    count,
    connections,
    body: () => JSON.stringify(jobOf()),
  });
  const single = rate(count, performance.now() - began);
  return { single, 'single p99': quantile(took, 0.99), 'in batches': await inBatches(url, 2 * count) };
}

async function inBatches(url: string, count: number): Promise<number> {
  const body = (): string => JSON.stringify({ jobs: Array.from({ length: batch }, () => jobOf()) });
  const began = performance.now();
  await postAll(url, { path: '/v1/jobs/batch', count: count / batch, connections: 4, body });
  return rate(count, performance.now() - began);
}

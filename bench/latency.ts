import { HttpLoad } from './harness/http-load.ts';
import { LinePair } from './harness/line-pair.ts';
import { quantile } from './harness/numbers.ts';
import { now } from './harness/payload.ts';
import { type Contestant, type Figures, milliseconds, type Scenario } from './harness/scenario.ts';
import { followToEnd } from './harness/sse.ts';
import type { Stage } from './harness/stage.ts';
import { jobOf, System } from './harness/system.ts';
import { atRate } from './harness/window.ts';

const jobsPerSecond = 200;

export const scenario: Scenario = {
  about:
    'How long a job takes when 200 come a second: from the post to the start of its handler; then, of as many others, to the final status at a client that follows each job by Server-Sent Events of its own. The bare client and BullMQ send from a process, without HTTP, and nobody follows their jobs; of them the start is measured.',
  measures: {
    'start p50': milliseconds,
    'start p99': milliseconds,
    'final p50': milliseconds,
    'final p99': milliseconds,
  },
  warmsUp: true,
  open: async (stage) => {
    const { broker } = stage;
    const ours = await heavylift(stage);
    const peer = await line(stage, 'BullMQ', 'bullmq.ts');
    if (broker === 'embedded') return [ours, peer];
    const [name, file] = broker === 'nats' ? ['nats', 'nats.ts'] : ['amqplib', 'amqplib.ts'];
    return [ours, await line(stage, name, file), peer];
  },
};

async function heavylift(stage: Stage): Promise<Contestant> {
  const system = await System.open(stage);
  const count = stage.pick(2_000, 40);
  return {
    name: 'heavylift',
    round: async () => {
      const idle: HttpLoad[] = [];
      const ids: string[] = [];
      const posting = atRate(count, jobsPerSecond, async () => ids.push(await postOne(system.url, idle)));
      await system.untilSucceeded(count, () => posting);
      const finals = await atRate(count, jobsPerSecond, () => finalMs(system.url, idle));
      idle.forEach((connection) => connection.close());
      return {
        ...startsOf(await waitsOf(system, ids)),
        'final p50': quantile(finals, 0.5),
        'final p99': quantile(finals, 0.99),
      };
    },
    close: () => system.close(),
  };
}

/** Posts a job over a connection that has nothing to do; says its id. */
async function postOne(url: string, idle: HttpLoad[]): Promise<string> {
  const sentAt = now();
  const connection = idle.pop() ?? (await HttpLoad.open(url));
  const job = { ...jobOf(), payload: { ...jobOf().payload, sentAt } };
  const { id } = JSON.parse(await connection.post('/v1/jobs', JSON.stringify(job))) as {
    readonly id: string;
  };
  idle.push(connection);
  return id;
}

/** Posts a job and follows it; says how long after the post its end was known. */
async function finalMs(url: string, idle: HttpLoad[]): Promise<number> {
  const sentAt = now();
  await followToEnd(url, await postOne(url, idle));
  return now() - sentAt;
}

/** From the post to the start of the handler, as the handlers said. */
async function waitsOf(system: System, ids: readonly string[]): Promise<number[]> {
  const waits: number[] = [];
  for (const id of ids) waits.push((await system.resultOf<{ waitedMs: number }>(id)).waitedMs);
  return waits;
}

async function line(stage: Stage, name: string, file: string): Promise<Contestant> {
  const env = { BROKER_URL: await stage.brokerUrl(), REDIS_URL: await stage.redisUrl() };
  const pair = await LinePair.open({ file, env, count: stage.pick(2_000, 40) });
  return { name, round: async () => startsOf(await pair.waits(jobsPerSecond)), close: () => pair.close() };
}

function startsOf(waits: readonly number[]): Figures {
  return { 'start p50': quantile(waits, 0.5), 'start p99': quantile(waits, 0.99) };
}

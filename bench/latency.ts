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
    'How long a job takes when 200 come a second: from the post to the start of its handler, and to the final status at the client, which follows each job by Server-Sent Events. The bare client and BullMQ send from a process, without HTTP; of them the start is measured.',
  measures: {
    'start p50': milliseconds,
    'start p99': milliseconds,
    'final p50': milliseconds,
    'final p99': milliseconds,
  },
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
      const jobs = await atRate(count, jobsPerSecond, () => runOne(system.url, idle));
      idle.forEach((connection) => connection.close());
      const finals = jobs.map(({ finalMs }) => finalMs);
      return {
        ...startsOf(jobs.map(({ startMs }) => startMs)),
        'final p50': quantile(finals, 0.5),
        'final p99': quantile(finals, 0.99),
      };
    },
    close: () => system.close(),
  };
}

/** Posts a job over a connection that has nothing to do, and follows it to its end. */
async function runOne(url: string, idle: HttpLoad[]): Promise<{ startMs: number; finalMs: number }> {
  const sentAt = now();
  const connection = idle.pop() ?? (await HttpLoad.open(url));
  const job = { ...jobOf(), payload: { ...jobOf().payload, sentAt } };
  const { id } = JSON.parse(await connection.post('/v1/jobs', JSON.stringify(job))) as {
    readonly id: string;
  };
  idle.push(connection);
  const { result } = (await followToEnd(url, id)) as { readonly result: { readonly waitedMs: number } };
  return { startMs: result.waitedMs, finalMs: now() - sentAt };
}

async function line(stage: Stage, name: string, file: string): Promise<Contestant> {
  const env = { BROKER_URL: await stage.brokerUrl(), REDIS_URL: await stage.redisUrl() };
  const pair = await LinePair.open({ file, env, count: stage.pick(2_000, 40) });
  return { name, round: async () => startsOf(await pair.waits(jobsPerSecond)), close: () => pair.close() };
}

function startsOf(waits: readonly number[]): Figures {
  return { 'start p50': quantile(waits, 0.5), 'start p99': quantile(waits, 0.99) };
}

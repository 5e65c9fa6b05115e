import { LinePair } from './harness/line-pair.ts';
import { cpuPerJob } from './harness/process-facts.ts';
import { type Contestant, type Figures, perSecond, type Scenario } from './harness/scenario.ts';
import type { Stage } from './harness/stage.ts';
import { System } from './harness/system.ts';

export const scenario: Scenario = {
  about:
    'Jobs whose whole life is recorded: posted in batches of 100, stored, sent, run by a worker process at 50 at a time, and their success stored. The processor time is that of all processes, servers included: it moves little when other programs are busy too. BullMQ adds from its own process and keeps the results of the last 1,000.',
  measures: {
    drain: perSecond,
    'drain by two': perSecond,
    both: perSecond,
    'processor, draining': { unit: 'µs a job', better: 'less' },
  },
  warmsUp: true,
  open: async (stage) => [await heavylift(stage), await bullmq(stage)],
};

async function heavylift(stage: Stage): Promise<Contestant> {
  const system = await System.open(stage);
  const count = stage.pick(20_000, 300);
  return {
    name: 'heavylift',
    round: async (): Promise<Figures> => {
      await system.fill(count);
      let drain = 0;
      const cpu = await cpuPerJob(count, async () => (drain = await system.drain(count)));
      const both = await system.both(count);
      if (stage.broker === 'embedded') return { drain, both, 'processor, draining': cpu };
      const byTwo = await drainByTwo(system, count);
      return { drain, 'drain by two': byTwo, both, 'processor, draining': cpu };
    },
    close: () => system.close(),
  };
}

async function drainByTwo(system: System, count: number): Promise<number> {
  const second = await system.addWorker();
  try {
    await system.fill(count);
    return await system.drain(count);
  } finally {
    await system.removeWorker(second);
  }
}

async function bullmq(stage: Stage): Promise<Contestant> {
  const env = { REDIS_URL: await stage.redisUrl() };
  const count = stage.pick(20_000, 300);
  const pair = await LinePair.open({ file: 'bullmq.ts', env, count }, 2);
  return {
    name: 'BullMQ',
    round: async (): Promise<Figures> => {
      await pair.send();
      let drain = 0;
      const cpu = await cpuPerJob(count, async () => (drain = await pair.drain()));
      await pair.send();
      const byTwo = await pair.drain(2);
      return { drain, 'drain by two': byTwo, both: await pair.both(), 'processor, draining': cpu };
    },
    close: () => pair.close(),
  };
}

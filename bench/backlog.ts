import { usageOf, usageOfChildren } from './harness/process-facts.ts';
import { rate } from './harness/numbers.ts';
import { type Contestant, type Figures, mebibytes, perSecond, type Scenario } from './harness/scenario.ts';
import { Stage } from './harness/stage.ts';
import { System } from './harness/system.ts';

/** A million jobs are not run to their end: the rate shows itself before. */
const mostDrained = 50_000;
const brokerPrograms = ['beam.smp', 'nats-server'];

export const scenario: Scenario = {
  about:
    'What waiting jobs cost: the most memory that gateway and worker had while so many were posted, what they have while these wait, the most during the drain, and how fast the first 50,000 are drained. Each round has servers of its own. On the embedded broker the gateway is all there is.',
  measures: {
    accepted: perSecond,
    drain: perSecond,
    'gateway, filling': mebibytes,
    gateway: mebibytes,
    'gateway, draining': mebibytes,
    'worker, filling': mebibytes,
    worker: mebibytes,
    'worker, draining': mebibytes,
    broker: mebibytes,
  },
  rounds: 1,
  open: async (stage) => [
    waiting(stage, stage.pick(1_000_000, 2_000)),
    waiting(stage, stage.pick(100_000, 500)),
  ],
};

function waiting(outer: Stage, count: number): Contestant {
  return {
    name: `${count.toLocaleString('en')} waiting`,
    round: async () => {
      const stage = outer.small ? outer : new Stage({ broker: outer.broker, small: false });
      try {
        return await measure(stage, count);
      } finally {
        if (stage !== outer) await stage.close();
      }
    },
    close: async () => {},
  };
}

async function measure(stage: Stage, count: number): Promise<Figures> {
  const system = await System.open(stage);
  try {
    const began = performance.now();
    const filling = await peaksWhile(system, () => system.fill(count, (posted) => tell(system, posted)));
    const accepted = rate(count, performance.now() - began);
    const now = memoryOf(system);
    const usage = usageOfChildren();
    const broker = brokerPrograms.map((name) => usage.get(name)?.memoryMiB ?? 0).find((mib) => mib > 0);
    let drain = 0;
    const draining = await peaksWhile(system, async () => {
      drain = await system.drain(Math.min(count, mostDrained));
    });
    return {
      accepted,
      drain,
      ...figuresOf('gateway', [filling[0], now[0], draining[0]]),
      ...figuresOf('worker', [filling[1], now[1], draining[1]]),
      ...(broker === undefined ? {} : { broker }),
    };
  } finally {
    await system.close();
  }
}

/** Nothing of a program that is not there. */
function figuresOf(program: string, [filling, waits, draining]: readonly (number | undefined)[]): Figures {
  if (filling === undefined || waits === undefined || draining === undefined) return {};
  return { [`${program}, filling`]: filling, [program]: waits, [`${program}, draining`]: draining };
}

function tell(system: System, posted: number): void {
  const memory = memoryOf(system).map((mib) => `${Math.round(mib)} MiB`);
  console.error(`    ${posted.toLocaleString('en')} posted: ${memory.join(', ')}`);
}

function memoryOf(system: System): number[] {
  return system.programs.map(({ pid }) => usageOf(pid).memoryMiB);
}

/** The most memory that each program had meanwhile, looked at twice a second. */
async function peaksWhile(system: System, work: () => Promise<void>): Promise<readonly number[]> {
  const most = memoryOf(system);
  const look = (): void =>
    memoryOf(system).forEach((mib, index) => (most[index] = Math.max(mib, most[index]!)));
  const timer = setInterval(look, 500);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return most;
}

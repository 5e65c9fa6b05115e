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
    'What waiting jobs cost: the memory of each process while so many wait, the most it was during the drain, and how fast the first 50,000 are drained. Each round has servers of its own. On the embedded broker the gateway is all there is.',
  measures: {
    accepted: perSecond,
    drain: perSecond,
    gateway: mebibytes,
    worker: mebibytes,
    broker: mebibytes,
    'gateway, draining': mebibytes,
    'worker, draining': mebibytes,
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
    await system.fill(count);
    const accepted = rate(count, performance.now() - began);
    const [gateway, worker] = memoryOf(system);
    const usage = usageOfChildren();
    const broker = brokerPrograms.map((name) => usage.get(name)?.memoryMiB ?? 0).find((mib) => mib > 0);
    const peaks = new Peaks(system);
    const drained = Math.min(count, mostDrained);
    const drain = await system.drain(drained).finally(() => peaks.end());
    const [most, mostOfWorker] = peaks.most;
    return {
      accepted,
      drain,
      gateway: gateway!,
      'gateway, draining': most!,
      ...(worker === undefined ? {} : { worker, 'worker, draining': mostOfWorker! }),
      ...(broker === undefined ? {} : { broker }),
    };
  } finally {
    await system.close();
  }
}

function memoryOf(system: System): number[] {
  return system.programs.map(({ pid }) => usageOf(pid).memoryMiB);
}

/** The most memory that each program had, looked at twice a second. */
class Peaks {
  readonly most: number[];
  readonly #timer: NodeJS.Timeout;

  constructor(system: System) {
    this.most = memoryOf(system);
    this.#timer = setInterval(() => {
      memoryOf(system).forEach((mib, index) => (this.most[index] = Math.max(mib, this.most[index]!)));
    }, 500);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

/**
 * `npm run profile -- tracked [--broker rabbitmq|nats|embedded] [--jobs N]`: where the processes of the system spend their time while they drain tracked jobs.
 * Prints a summary; the profiles, which a browser's developer tools open as flame graphs, stay in `test-output/profiles`.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Costs, costsOf } from './harness/cpu-profile.ts';
import { usageOfChildren } from './harness/process-facts.ts';
import { type Broker, brokers } from './harness/scenario.ts';
import { Stage } from './harness/stage.ts';
import { System } from './harness/system.ts';

const folder = join(import.meta.dirname, '../test-output/profiles');
const writingMs = 3_000;
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    broker: { type: 'string', default: 'rabbitmq' },
    jobs: { type: 'string', default: '20000' },
    both: { type: 'boolean', default: false },
  },
});
const broker = brokers.find((one): one is Broker => one === values.broker);
if (!broker) throw new Error(`no broker "${values.broker}"; there are ${brokers.join(', ')}`);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const stage = new Stage({ broker, small: false });
try {
  const perSecond = await record(stage, Number(values.jobs));
  console.log(`${broker}, ${values.jobs} jobs: ${Math.round(perSecond)}/s while profiled\n`);
  for (const file of readdirSync(folder)) print(file);
} finally {
  await stage.close();
}

async function record(on: Stage, jobs: number): Promise<number> {
  const hook = join(import.meta.dirname, 'harness/profile-hook.ts');
  const system = await System.open(on, { flags: ['--import', hook], env: { PROFILE_FOLDER: folder } });
  const toggle = (): void => system.programs.forEach(({ pid }) => process.kill(pid, 'SIGUSR2'));
  try {
    await system.warmUp(2_000);
    if (!values.both) await system.fill(jobs);
    const before = usageOfChildren();
    toggle();
    const perSecond = values.both ? await system.both(jobs) : await system.drain(jobs);
    printUsage(before, jobs / perSecond);
    toggle();
    await sleep(writingMs);
    return perSecond;
  } finally {
    await system.close();
  }
}

/** Which process was busy, and whether any was: when none is, they wait for each other or for the disk. */
function printUsage(before: ReturnType<typeof usageOfChildren>, seconds: number): void {
  console.log('microseconds of processor per job, and share of one core');
  for (const [name, { cpuMs }] of usageOfChildren()) {
    const ms = cpuMs - (before.get(name)?.cpuMs ?? 0);
    const share = `${Math.round(ms / 10 / seconds)} %`;
    if (ms >= 50)
      console.log(
        `${((ms * 1_000) / Number(values.jobs)).toFixed(0).padStart(8)} ${share.padStart(6)}  ${name}`,
      );
  }
}

function print(file: string): void {
  const costs = costsOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profiler.Profile);
  const perJob = (rows: Costs, most: number): string =>
    rows
      .slice(0, most)
      .map(([name, ms]) => `${((ms * 1_000) / Number(values.jobs)).toFixed(1).padStart(8)}  ${name}`)
      .join('\n');
  console.log(
    `## ${file}: not idle for ${Math.round(costs.busyMs)} ms; microseconds per job, waiting for a core included`,
  );
  console.log(`by package\n${perJob(costs.packages, 15)}\n`);
  console.log(`functions, without what they call\n${perJob(costs.functions, 30)}\n`);
  console.log(`functions of ours, with what they call\n${perJob(costs.ours, 45)}\n`);
}

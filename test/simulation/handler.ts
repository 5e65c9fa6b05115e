import {
  AttemptAborted,
  defineJob,
  exponential,
  type Handler,
  type JobContext,
  UnrecoverableError,
} from '@heavylift/core';
import { IsString } from 'class-validator';
import type { JobPlan } from './scenario.js';
import { SimProcess } from './sim-process.js';
import type { World } from './world.js';

class Work {
  @IsString()
  plan!: string;
}

class Done {}

export const definition = defineJob<Work, Done>({
  name: 'test.work',
  version: 1,
  description: 'does what its plan says',
  payload: Work,
  result: Done,
  example: { plan: 'job-1' },
  retry: exponential({ attempts: 3, first: '200ms', limit: '1s' }),
  timeout: '15s',
});

/** Does what the job's plan says, and writes each run into the ledger. */
export function handlerOf(world: World): Handler {
  const plans = new Map(world.scenario.jobs.map((plan) => [plan.id, plan]));
  return {
    definition,
    run: async (payload, job) => {
      const plan = plans.get((payload as Work).plan)!;
      const run = world.ledger.started(job.id, job.run, job.attempt);
      try {
        await work(plan, job);
        run.end = 'succeeded';
        return { run: job.run };
      } catch (error) {
        run.end = job.signal.reason instanceof AttemptAborted ? 'stopped' : 'failed';
        throw error;
      }
    },
  };
}

async function work(plan: JobPlan, job: JobContext): Promise<void> {
  // At once: as a crash in native code does, before anything that was said gets out.
  if (plan.kind === 'poison' && plan.durationMs === 0) await endProcess();
  job.progress(1);
  await wait(plan.durationMs / 2, plan.stubborn ? undefined : job.signal);
  job.progress(50);
  if (plan.kind === 'poison') await endProcess();
  if (plan.kind === 'hangs') await wait(1e9, plan.stubborn ? undefined : job.signal);
  await wait(plan.durationMs / 2, plan.stubborn ? undefined : job.signal);
  if (plan.kind === 'unrecoverable' || (plan.kind === 'moody' && job.attempt === 1))
    throw new UnrecoverableError('test.hopeless', 'it cannot be done');
  if (job.attempt <= plan.fails) throw new Error(`attempt ${job.attempt} is to fail`);
  job.output({ id: job.run, filename: 'out', mediaType: 'video/mp4', bytes: 1, sha256: '00' });
}

async function endProcess(): Promise<void> {
  SimProcess.running?.kill();
  await new Promise(() => {});
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

import type { Pieces } from './pieces.js';
import type { JobPlan, Scenario } from './scenario.js';
import { simulate, type Verdict } from './simulate.js';

/** Takes away faults, jobs and processes one at a time, as long as the same promise is still broken. */
export async function shrink(verdict: Verdict, pieces?: Pieces): Promise<Scenario> {
  const broken = new Set(verdict.violations.map(promiseOf));
  for (const smaller of smallerThan(verdict.scenario)) {
    const next = await simulate(smaller, pieces);
    if (next.violations.some((violation) => broken.has(promiseOf(violation)))) return shrink(next, pieces);
  }
  return verdict.scenario;
}

/** What a violation says, whichever job, run and attempt it says it of. */
function promiseOf(violation: string): string {
  return violation.replace(/^job-\d+: /, '').replace(/\d+/g, '');
}

function* smallerThan(scenario: Scenario): Generator<Scenario> {
  const { faults, jobs, workers, gateways, slots } = scenario;
  for (const at of faults.keys()) yield { ...scenario, faults: without(faults, at) };
  if (jobs.length > 1) for (const at of jobs.keys()) yield { ...scenario, jobs: without(jobs, at) };
  if (workers > 1) yield { ...scenario, workers: workers - 1 };
  if (gateways > 1) yield { ...scenario, gateways: gateways - 1 };
  if (slots > 1) yield { ...scenario, slots: 1 };
  for (const [at, job] of jobs.entries())
    for (const plain of plainerThan(job)) yield { ...scenario, jobs: jobs.with(at, plain) };
}

function* plainerThan(job: JobPlan): Generator<JobPlan> {
  if (job.kind !== 'succeeds') yield { ...job, kind: 'succeeds' };
  if (job.fails > 0) yield { ...job, fails: 0 };
  if (job.stubborn) yield { ...job, stubborn: false };
  if (job.delayMs > 0) yield { ...job, delayMs: 0 };
  if (job.durationMs > 20) yield { ...job, durationMs: 20 };
}

function without<T>(values: readonly T[], at: number): readonly T[] {
  return values.toSpliced(at, 1);
}

import { Facts } from './checks/facts.js';
import type { Line } from './history.js';
import type { ChaosRun } from './run-chaos.js';

/** One run in numbers. */
export function summaryOf({
  options,
  history,
  end,
  violations,
}: ChaosRun): Readonly<Record<string, unknown>> {
  const { lines } = history;
  const facts = new Facts(lines, end);
  const count = (is: (line: Line) => boolean): number => lines.filter(is).length;
  const phase = (wanted: string) => (line: Line) => line.op === 'post' && line.phase === wanted;
  const status = (wanted: string): number => end.jobs.filter((job) => job.status === wanted).length;
  const recoveries = recoveriesIn(lines);
  return {
    seed: options.seed,
    posts: count(phase('asked')),
    'answered 202': count(phase('accepted')),
    'not answered': count(phase('unsure')) + count(phase('refused')),
    jobs: end.jobs.length,
    succeeded: status('succeeded'),
    failed: status('failed'),
    cancelled: status('cancelled'),
    'lost with their workers': end.jobs.filter(({ error }) => error?.code === 'worker.lost').length,
    'dead letters': end.deadLetters.length,
    'runs too many': runsTooMany(facts),
    faults: facts.disturbances.length,
    recoveries: recoveries.filter(Number.isFinite).length,
    'slowest recovery (s)': Number((Math.max(0, ...recoveries) / 1_000).toFixed(1)),
    'most memory (MiB)': Math.max(0, ...Object.values(end.peakMiB)),
    violations: violations.length,
  };
}

/** From the end of the last fault of each window until the system worked again, in milliseconds. */
function recoveriesIn(lines: readonly Line[]): number[] {
  const windows = new Map<number, { ends: number; over: number }>();
  for (const line of lines) {
    if (line.op !== 'fault') continue;
    const window = windows.get(line.window) ?? { ends: 0, over: Number.POSITIVE_INFINITY };
    windows.set(line.window, window);
    if (line.phase === 'ends') window.ends = line.at;
    if (line.phase === 'over') window.over = line.at;
  }
  return [...windows.values()].map(({ ends, over }) => over - ends);
}

/** Runs that a source's server saw beyond the attempts that the job needed. */
function runsTooMany({ seen }: Facts): number {
  return seen.reduce(
    (sum, { wish, fetchedAt }) => sum + Math.max(0, fetchedAt.length - (wish.kind === 'flaky' ? 2 : 1)),
    0,
  );
}

import { type Contestant, perSecond, type Scenario } from './harness/scenario.ts';
import type { Stage } from './harness/stage.ts';
import { System } from './harness/system.ts';

/** Jobs that talk, and how often each does. */
const talkers = 10;
const perTalker = 1_000;

export const scenario: Scenario = {
  about:
    'Whether talk slows work: tracked jobs that do nothing, posted and run at once, while ten others in the same worker tell of their progress 1,000 times a second each, and without them.',
  measures: { both: perSecond },
  open: async (stage) => {
    const system = await System.open(stage);
    return [
      {
        name: 'with 10,000 progress a second',
        round: () => loud(stage, system),
        close: () => system.close(),
      },
      { name: 'quiet', round: () => quiet(stage, system), close: async () => {} },
    ] satisfies Contestant[];
  },
};

async function quiet(stage: Stage, system: System): Promise<{ both: number }> {
  return { both: await system.both(stage.pick(10_000, 200)) };
}

async function loud(stage: Stage, system: System): Promise<{ both: number }> {
  const jobs = Array.from({ length: talkers }, () => ({
    type: 'bench.chatter',
    payload: { ms: stage.pick(120_000, 60_000), perSecond: perTalker },
  }));
  const ids = await system.postJobs(jobs);
  await system.untilRunning(ids);
  const figures = await quiet(stage, system);
  await system.cancel(ids);
  return figures;
}

import { describeMachine } from './machine.ts';
import { type Report, reportOf, type Rounds } from './report.ts';
import type { Contestant, Figures, Scenario } from './scenario.ts';
import { Stage, type StageOptions } from './stage.ts';

export interface RunOptions extends StageOptions {
  readonly name: string;
  /** Default: the scenario's own; one for a small run. */
  readonly rounds?: number;
  /** Hears what is being done. */
  readonly say: (text: string) => void;
}

/** Plays all rounds of a scenario: ours, the first peer, the second, ours, and so on. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Report> {
  const { name, broker, small, say } = options;
  const { about, measures } = scenario;
  const head = { scenario: name, broker, about, small, at: new Date().toISOString(), measures };
  const machine = await describeMachine();
  const stage = new Stage(options);
  const contestants: Contestant[] = [];
  try {
    contestants.push(...(await scenario.open(stage)));
    if (scenario.warmsUp && !small) await warmUp(contestants, say);
    const count = options.rounds ?? (small ? 1 : (scenario.rounds ?? 5));
    const rounds: Rounds[] = await play(contestants, count, say);
    return reportOf({ ...head, machine }, rounds);
  } finally {
    for (const contestant of contestants) await contestant.close();
    await stage.close();
  }
}

async function warmUp(contestants: readonly Contestant[], say: (text: string) => void): Promise<void> {
  for (const contestant of contestants) {
    await contestant.round();
    say(`${contestant.name} is warm`);
  }
}

async function play(
  contestants: readonly Contestant[],
  count: number,
  say: (text: string) => void,
): Promise<Rounds[]> {
  const played = contestants.map(({ name }) => ({ contestant: name, rounds: [] as Figures[] }));
  for (let round = 1; round <= count; round += 1)
    for (const [index, contestant] of contestants.entries()) {
      const figures = await contestant.round();
      played[index]!.rounds.push(figures);
      say(`${round}/${count} ${contestant.name}: ${JSON.stringify(figures, rounded)}`);
    }
  return played;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}

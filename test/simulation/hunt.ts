import { type Scenario, scenarioOf, type WorldKind } from './scenario.js';
import { shrink } from './shrink.js';
import { simulate, type Verdict } from './simulate.js';
import type { Variant } from './variants.js';

export interface Seeds {
  readonly from: number;
  readonly count: number;
}

/** Plays seed after seed; gives what broke something, at most `most` of it. */
export async function brokenAmong(kind: WorldKind, { from, count }: Seeds, most = 3): Promise<Verdict[]> {
  const broken: Verdict[] = [];
  for (let seed = from; seed < from + count && broken.length < most; seed++) {
    const verdict = await simulate(scenarioOf(seed, kind));
    if (isBroken(verdict)) broken.push(verdict);
  }
  return broken;
}

/** The first world that a variant breaks and the sound product does not. */
export async function firstCaught(seeds: Seeds, variant: Variant): Promise<Verdict | undefined> {
  for (const scenario of scenariosFor(seeds, variant)) {
    const verdict = await simulate(scenario, variant.pieces);
    if (isBroken(verdict) && !isBroken(await simulate(scenario))) return verdict;
  }
  return undefined;
}

function* scenariosFor({ from, count }: Seeds, variant: Variant): Generator<Scenario> {
  const { corner, kinds = ['broker', 'embedded'] } = variant;
  if (variant.scenario) yield variant.scenario;
  else
    for (let seed = from; seed < from + count; seed++) {
      const scenario = scenarioOf(seed, kinds[seed % kinds.length]!);
      if (corner.every((fault) => contains(scenario, fault))) yield scenario;
    }
}

function isBroken({ violations }: Verdict): boolean {
  return violations.length > 0;
}

function contains({ faults }: Scenario, kindOrPoint: string): boolean {
  return faults.some(
    (fault) => fault.kind === kindOrPoint || ('point' in fault && fault.point === kindOrPoint),
  );
}

/** All that is needed to see it again: what was broken, how to replay it, and the least that breaks something too. */
export async function reportOf(verdict: Verdict): Promise<string> {
  const { scenario, violations } = verdict;
  const least = await shrink(verdict);
  return [
    `seed ${scenario.seed} of kind "${scenario.kind}" broke promises:`,
    ...violations.map((violation) => `  ${violation}`),
    `replay: SIMULATION_REPLAY=${nameOf(scenario)} npm test -- test/simulation/simulation.spec.ts`,
    `least plan (keep it in regressions.json): ${JSON.stringify(least)}`,
  ].join('\n');
}

export function nameOf({ kind, seed }: Scenario): string {
  return `${kind}:${seed}`;
}

/** @throws {RangeError} when it is no name of a scenario */
export function scenarioNamed(name: string): Scenario {
  const [, kind, seed] = /^(broker|embedded|replaced|blank):(\d+)$/.exec(name) ?? [];
  if (!kind || !seed) throw new RangeError(`"${name}" names no scenario; write it like broker:17`);
  return scenarioOf(Number(seed), kind as WorldKind);
}

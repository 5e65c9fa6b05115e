import type { SeededRandom } from '../simulation/seeded-random.js';
import { faultKinds, type FaultName } from './faults/index.js';
import type { World } from './world.js';

export interface PlannedFault {
  readonly kind: FaultName;
  readonly target: string;
  /** After the window's begin. */
  readonly afterMs: number;
  readonly forMs: number;
}

/** Some faults that overlap, and then a while of peace. */
export interface FaultWindow {
  readonly number: number;
  readonly faults: readonly PlannedFault[];
  readonly peaceMs: number;
}

const shortest = { least: 1_000, most: 6_000 };
/** Longer than the longest time in which a lost peer is noticed: RabbitMQ's heartbeat takes up to 30 s. */
const long = { least: 20_000, most: 40_000 };
const peace = { least: 2_500, most: 5_000 };
const mostGapMs = 2_000;

/** The faults of a seed, without end: the same for the same seed and the same world. Kinds take turns, so that each comes soon. */
export function* planOf(
  random: SeededRandom,
  world: World,
  { withLong }: { readonly withLong: boolean },
): Generator<FaultWindow, never> {
  const kinds = turns(random, world);
  for (let number = 1; ; number++) {
    const isLong = withLong && random.chance(0.2);
    const faults: PlannedFault[] = [];
    for (let left = random.chance(0.4) ? 2 : 1; left > 0; left--) {
      const kind = kinds.next().value;
      const taken = faults.map(({ target }) => target);
      const targets = faultKinds[kind].targets(world).filter((target) => !taken.includes(target));
      const { least, most } = isLong ? long : shortest;
      const afterMs = faults.length === 0 ? 0 : random.whole(0, mostGapMs);
      if (targets.length > 0)
        faults.push({ kind, target: random.pick(targets), afterMs, forMs: random.whole(least, most) });
    }
    yield { number, faults, peaceMs: random.whole(peace.least, peace.most) };
  }
}

function* turns(random: SeededRandom, world: World): Generator<FaultName, never> {
  const names = Object.keys(faultKinds) as FaultName[];
  const possible = names.filter((name) => faultKinds[name].targets(world).length > 0);
  for (;;) {
    const left = [...possible];
    while (left.length > 0) yield left.splice(random.whole(0, left.length - 1), 1)[0]!;
  }
}

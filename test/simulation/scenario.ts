import {
  brokerPoints,
  type CallFault,
  type CallPoint,
  callFaults,
  type DeliveryFault,
  deliveryFaults,
  type Fault,
  storePoints,
  type TimedFault,
  timedFaults,
} from './fault-plan.js';
import { SeededRandom } from './seeded-random.js';

/**
 * What a job's handler does: fails so many attempts, then what its kind says. moody: the first attempt says that there is no hope, a later one
 * may succeed. poison: each run ends its worker, at once when it lasts 0 ms.
 */
export interface JobPlan {
  readonly id: string;
  readonly kind: 'succeeds' | 'unrecoverable' | 'moody' | 'hangs' | 'poison';
  readonly fails: number;
  /** Goes on although it is told to end. */
  readonly stubborn: boolean;
  readonly durationMs: number;
  readonly maxAttempts: number;
  readonly submitAtMs: number;
  /** 0: at once. */
  readonly delayMs: number;
}

/**
 * broker: it keeps what it has. embedded: broker, gateway and workers are one process, and die together. replaced: the broker also comes
 * back without anything that it kept. blank: it does so under its old name; only here lost jobs are looked for, so that this hides nothing elsewhere.
 */
export type WorldKind = 'broker' | 'embedded' | 'replaced' | 'blank';

/** One world and all that happens to it. */
export interface Scenario {
  readonly seed: number;
  readonly kind: WorldKind;
  readonly workers: number;
  readonly slots: number;
  readonly gateways: number;
  /** The broker drops a second send of a message that it has had. */
  readonly dropsCopies: boolean;
  /** A retry is one step of the broker instead of a copy and an acknowledgement. */
  readonly retriesItself: boolean;
  /** First in, first out. */
  readonly ordered: boolean;
  readonly jobs: readonly JobPlan[];
  readonly faults: readonly Fault[];
}

/** Draws a world small enough that corners are near; which kinds of faults there are at all is drawn first. */
export function scenarioOf(seed: number, kind: WorldKind): Scenario {
  const random = new SeededRandom(seed, `scenario.${kind}`);
  return {
    seed,
    kind,
    workers: random.whole(1, 3),
    slots: random.whole(1, 3),
    gateways: kind === 'embedded' ? 1 : random.whole(1, 2),
    dropsCopies: kind === 'embedded' || random.chance(0.5),
    retriesItself: kind === 'embedded' || random.chance(0.4),
    ordered: random.chance(0.5),
    jobs: Array.from({ length: random.whole(1, 5) }, (_, at) => jobOf(random, at)),
    faults: faultsOf(random, kind),
  };
}

function jobOf(random: SeededRandom, at: number): JobPlan {
  const maxAttempts = random.whole(1, 4);
  const kind = random.chance(0.6)
    ? 'succeeds'
    : random.pick(['unrecoverable', 'moody', 'hangs', 'poison'] as const);
  const durationMs = random.chance(0.6) ? random.whole(5, 300) : random.whole(300, 8_000);
  return {
    id: `job-${at + 1}`,
    kind,
    fails: random.chance(0.4) ? random.whole(1, maxAttempts) : 0,
    stubborn: random.chance(0.2),
    durationMs: kind === 'poison' && random.chance(0.3) ? 0 : durationMs,
    maxAttempts,
    submitAtMs: random.whole(60, 2_000),
    delayMs: random.chance(0.2) ? random.whole(500, 4_000) : 0,
  };
}

const embeddedCallFaults = ['slow', 'crashBefore', 'crashAfter'] as const;
const embeddedTimedFaults = ['kill', 'pause', 'drain', 'storeDown'] as const;

function faultsOf(random: SeededRandom, kind: WorldKind): Fault[] {
  const embedded = kind === 'embedded';
  const points: readonly CallPoint[] = random.some([...brokerPoints, ...storePoints], 0.3);
  const calls = random.some(embedded ? embeddedCallFaults : callFaults, 0.6);
  const deliveries = embedded ? [] : random.some(deliveryFaults, 0.5);
  const timed = timedKinds(random, kind);
  const misses = !embedded && random.chance(0.3);
  const makers: (() => Fault)[] = [];
  if (points.length > 0 && calls.length > 0) makers.push(() => callFault(random, points, calls));
  if (deliveries.length > 0) makers.push(() => deliveryFault(random, deliveries));
  if (timed.length > 0) makers.push(() => timedFault(random, timed));
  if (misses) makers.push(() => ({ kind: 'unheard', nth: random.whole(1, 20) }));
  if (makers.length === 0) return [];
  return Array.from({ length: random.pick([0, 2, 4, 8, 16]) }, () => random.pick(makers)());
}

function timedKinds(random: SeededRandom, kind: WorldKind): readonly TimedFault['kind'][] {
  if (kind === 'embedded') return random.some(embeddedTimedFaults, 0.4);
  const kinds = random.some(timedFaults, 0.4).filter((fault) => fault !== 'replace' && fault !== 'blank');
  if (kind === 'replaced') return [...kinds, 'replace'];
  return kind === 'blank' ? [...kinds, 'blank'] : kinds;
}

function callFault(
  random: SeededRandom,
  points: readonly CallPoint[],
  kinds: readonly CallFault['kind'][],
): CallFault {
  const kind = random.pick(kinds);
  const point = random.pick(points);
  // Signals come at most once.
  const legal = kind === 'twice' && point === 'signal' ? 'slow' : kind;
  return { kind: legal, point, nth: nthOf(random), ms: lengthOf(random) };
}

function deliveryFault(random: SeededRandom, kinds: readonly DeliveryFault['kind'][]): DeliveryFault {
  return { kind: random.pick(kinds), nth: random.whole(1, 8), ms: random.whole(0, 400) };
}

function timedFault(random: SeededRandom, kinds: readonly TimedFault['kind'][]): TimedFault {
  const kind = random.pick(kinds);
  return { kind, atMs: random.whole(50, 8_000), ms: lengthOf(random), target: random.whole(0, 4) };
}

function nthOf(random: SeededRandom): number {
  return random.chance(0.4) ? random.whole(1, 4) : random.whole(1, 25);
}

/** Mostly short; now and then longer than any lease or limit. */
function lengthOf(random: SeededRandom): number {
  return random.chance(0.8) ? random.whole(50, 3_000) : random.whole(3_000, 45_000);
}

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SeededRandom } from '../simulation/seeded-random.js';
import type { RealBroker } from './chaos-broker.js';
import { type Violation, violationsIn } from './checks/index.js';
import type { End } from './end.js';
import { History } from './history.js';
import { Nemesis } from './nemesis.js';
import { planOf } from './plan.js';
import { Progress } from './progress.js';
import { readEnd } from './read-end.js';
import { writeLogs } from './write-logs.js';
import { Client } from './workload/client.js';
import { startWorld, type World, youngQueueMs } from './world.js';

export interface ChaosOptions {
  readonly broker: RealBroker;
  readonly seed: number;
  /** How long faults go on; start, healing and reading come on top. */
  readonly seconds: number;
  readonly print: (line: string) => void;
}

export interface ChaosRun {
  readonly options: ChaosOptions;
  readonly history: History;
  readonly end: End;
  readonly violations: readonly Violation[];
}

const clients = 3;
/** From so many seconds on there is time for long faults too. */
const longRunSeconds = 240;
const outputFolder = join(import.meta.dirname, '../../test-output/chaos');

/** One run: clients work and faults strike for a while, then all is healed, and what is left is held against what happened. */
export async function runChaos(options: ChaosOptions): Promise<ChaosRun> {
  const { broker, seed } = options;
  const history = new History(join(outputFolder, `${broker}-${seed}.jsonl`));
  const progress = new Progress(options, history);
  try {
    const end = await playIn({ ...options, history, progress });
    return { options, history, end, violations: violationsIn(history.lines, end) };
  } finally {
    progress.close();
  }
}

interface Play extends ChaosOptions {
  readonly history: History;
  readonly progress: Progress;
}

async function playIn(play: Play): Promise<End> {
  const { broker, seed, history, progress } = play;
  const onFetch = (tag: string): void => history.write({ op: 'fetch', tag });
  // A third of the seeds has one gateway on SQLite.
  const world = await startWorld({ broker, gateways: seed % 3 === 0 ? 1 : 2, onFetch });
  try {
    progress.tell(`${world.services.length} processes on ${broker}, seed ${seed}`);
    await strike(world, play);
    progress.tell('all is healed: waiting for the end of all jobs');
    return await readEnd(world, (what) => progress.tell(what));
  } finally {
    await writeLogs(join(outputFolder, `${broker}-${seed}`), world.services);
    await world.stop();
  }
}

async function strike(world: World, { seed, seconds, history, progress }: Play): Promise<void> {
  const random = new SeededRandom(seed, 'chaos');
  const accepted: string[] = [];
  const gateways = world.services.filter(({ app }) => app === 'gateway').map(({ url }) => url);
  const client = (name: string): Client =>
    new Client({ name, random: random.named(name), history, sources: world.sources, gateways, accepted });
  const plan = planOf(random.named('plan'), world, { withLong: seconds >= longRunSeconds });
  const tell = (what: string): void => progress.tell(what);
  const nemesis = new Nemesis({ world, history, prober: client('prober'), plan, tell });
  const chaos = new AbortController();
  const working = Array.from({ length: clients }, (_, at) => client(`c${at + 1}`).work(chaos.signal));
  const measuring = setInterval(() => world.services.forEach((one) => one.measure()), 2_000);
  const timer = setTimeout(() => chaos.abort(), seconds * 1_000 + youngQueueMs);
  try {
    await pause(youngQueueMs);
    await nemesis.work(chaos.signal);
  } finally {
    clearTimeout(timer);
    clearInterval(measuring);
    chaos.abort();
    await Promise.all(working);
  }
}

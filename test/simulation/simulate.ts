import { isFinal } from '@heavylift/core';
import { violationsOf } from './checks.js';
import { Cluster } from './cluster.js';
import { definition } from './handler.js';
import { type Pieces, sound } from './pieces.js';
import type { JobPlan, Scenario } from './scenario.js';
import { beginning } from './virtual-time.js';
import { followRealTime, followTime } from './virtual-globals.js';
import { World } from './world.js';

export interface Verdict {
  readonly scenario: Scenario;
  readonly violations: readonly string[];
  /** What happened, line by line: the same for the same scenario and the same code. */
  readonly trace: readonly string[];
  readonly steps: number;
}

/** Retries, leases and limits of the longest job that there can be. */
const limitMs = 15 * 60_000;
const glanceMs = 500;

/** Plays a scenario to its end, on virtual time, and says what was broken. One at a time. */
export async function simulate(scenario: Scenario, pieces: Pieces = sound): Promise<Verdict> {
  const world = new World(scenario);
  const store = await pieces.openStore(() => Math.floor(world.time.now), pieces.fold);
  followTime(world.time);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // Stacks are half of the cost, and say nothing here.
  try {
    const cluster = new Cluster(world, store, pieces);
    for (const plan of scenario.jobs) world.time.outside(plan.submitAtMs, () => submit(world, cluster, plan));
    await playToTheEnd(world, cluster);
    const violations = await violationsOf(world, cluster);
    const { trace } = world.ledger;
    return { scenario, violations, trace, steps: world.time.steps };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    followRealTime();
  }
}

/** A client: a gateway that is away is asked again; one that does not answer may have taken the job or not. */
async function submit(world: World, cluster: Cluster, plan: JobPlan): Promise<void> {
  const gateway = world.chances('client').pick(cluster.gateways);
  if (!gateway?.process.alive) return void world.time.outside(200, () => submit(world, cluster, plan));
  world.ledger.submitted.set(plan.id, 'unsure');
  const createdAt = new Date(world.time.now);
  try {
    await gateway.submit({
      id: plan.id,
      type: definition.name,
      version: definition.version,
      payload: { plan: plan.id },
      maxAttempts: plan.maxAttempts,
      timeoutMs: definition.timeoutMs,
      createdAt: createdAt.toISOString(),
      ...(plan.delayMs > 0 ? { dueAt: new Date(createdAt.getTime() + plan.delayMs).toISOString() } : {}),
    });
    world.ledger.submitted.set(plan.id, 'sure');
    world.note(`client knows that ${plan.id} is accepted`);
  } catch (error) {
    world.note(`client does not know of ${plan.id}: ${(error as Error).message}`);
  }
}

async function playToTheEnd(world: World, cluster: Cluster): Promise<void> {
  const { time, scenario } = world;
  const lastAt = Math.max(
    ...scenario.jobs.map(({ submitAtMs }) => submitAtMs),
    ...world.faults.timed.map(({ atMs, ms }) => atMs + ms),
  );
  for (let glanceAt = lastAt + glanceMs; glanceAt < limitMs; glanceAt += glanceMs) {
    await playUntil(world, glanceAt);
    if (await isQuiet(world, cluster)) return;
  }
  world.note(`nothing more is waited for after ${(time.now - beginning) / 1000} s`);
}

async function playUntil({ time }: World, elapsedMs: number): Promise<void> {
  let reached = false;
  time.outside(Math.max(0, elapsedMs - time.elapsed), () => (reached = true));
  while (!reached && (await time.step()));
}

async function isQuiet(world: World, cluster: Cluster): Promise<boolean> {
  if (!cluster.idle || world.ledger.submitted.size < world.scenario.jobs.length) return false;
  const { store } = cluster.server;
  const records = await store.list({ limit: 100 });
  return records.every(({ status }) => isFinal(status)) && (await store.undispatched()) === 0;
}

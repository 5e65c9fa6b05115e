import { isFinal, type JobStatus } from '@heavylift/core';
import type { JobRecord, StoredEvent } from '../../apps/gateway/src/store/job-store.js';
import type { Cluster } from './cluster.js';
import { spentByLoss } from './handover.js';
import type { Ledger, Run } from './ledger.js';
import type { JobPlan } from './scenario.js';
import type { SimStore } from './sim-store.js';
import type { World } from './world.js';

/** All that is known of a job at the end. */
interface End {
  readonly plan: JobPlan;
  readonly record: JobRecord;
  readonly events: readonly StoredEvent[];
  readonly runs: readonly Run[];
  readonly assets: readonly string[];
}

/** What must hold once all is healed and quiet. Each line of the answer is a broken promise. */
export async function violationsOf(world: World, cluster: Cluster): Promise<string[]> {
  const { ledger, scenario } = world;
  const { store } = cluster.server;
  const found = [...ledger.violations, ...(await phantoms(ledger, store))];
  if ((await store.undispatched()) > 0) found.push('the outbox is not empty');
  if (!cluster.idle) found.push('the broker or a worker still has something in hand');
  for (const plan of scenario.jobs) {
    if (!ledger.submitted.has(plan.id)) continue;
    const end = await endOf(plan, world, store);
    if (end) found.push(...brokenBy(end, world, cluster).map((what) => `${plan.id}: ${what}`));
    else if (ledger.submitted.get(plan.id) === 'sure') found.push(`${plan.id}: was accepted and is gone`);
  }
  return found;
}

async function phantoms(ledger: Ledger, store: SimStore): Promise<string[]> {
  const stored = (await store.list({ limit: 100 })).map(({ id }) => id);
  const known = (id: string): boolean => ledger.submitted.has(id);
  const ran = [...ledger.runs.values()].map(({ jobId }) => jobId);
  return [...stored, ...ran].filter((id) => !known(id)).map((id) => `${id}: nobody submitted it`);
}

async function endOf(plan: JobPlan, { ledger }: World, store: SimStore): Promise<End | undefined> {
  const record = await store.get(plan.id);
  if (!record) return undefined;
  const runs = ledger.runsOf(plan.id);
  const assets = [...(await store.findAssets(runs.map(({ run }) => run))).keys()];
  return { plan, record, events: await store.history(plan.id), runs, assets };
}

function brokenBy(end: End, world: World, cluster: Cluster): string[] {
  return [
    ...(isFinal(end.record.status) ? [] : [`stuck in ${end.record.status}`]),
    ...resultOf(end),
    ...failureOf(end, world.ledger),
    ...historyOf(end, world),
    ...attemptsOf(end, world),
    ...deadLetterOf(end, world, cluster),
  ];
}

/** A success is that of a run which really succeeded, with its files and no others. */
function resultOf({ plan, record, runs, assets }: End): string[] {
  if (record.status !== 'succeeded') return assets.length > 0 ? ['did not succeed and has files'] : [];
  const found: string[] = [];
  if ((plan.kind !== 'succeeds' && plan.kind !== 'moody') || plan.fails >= plan.maxAttempts)
    found.push('succeeded, which it cannot');
  if (runs.find(({ run }) => run === record.run)?.end !== 'succeeded') found.push('its run did not succeed');
  if ((record.result as { run?: string }).run !== record.run) found.push('its result is of another run');
  if (assets.join() !== record.run) found.push(`its files are of ${assets.join(', ') || 'no run'}`);
  return found;
}

/** A job fails only when every attempt failed, or was lost with its holder. */
function failureOf({ plan, record, runs, events }: End, ledger: Ledger): string[] {
  if (record.status !== 'failed' || plan.kind !== 'succeeds') return [];
  const late = events.filter((event) => 'error' in event && event.error.code === 'job.timeout');
  const told = events.filter(({ kind }) => kind === 'started').map(({ attempt }) => attempt);
  const spent = new Set([
    ...late.map(({ attempt }) => attempt),
    ...runs.filter(({ end }) => end === 'failed').map(({ attempt }) => attempt),
    ...spentByLoss(ledger, plan.id, told),
  ]);
  const missing = Array.from({ length: plan.maxAttempts }, (_, at) => at + 1).filter((n) => !spent.has(n));
  if (missing.length <= ledger.wipes) return [];
  return [`failed although nothing happened to attempt ${missing.join(', ')}`];
}

const mostLate = 8;

/** One end; whatever a run says that came too late is told as such. */
function historyOf({ record, events }: End, { scenario }: World): string[] {
  const found: string[] = [];
  if (new Set(events.map(({ id }) => id)).size < events.length) found.push('an event is recorded twice');
  const outcomes = events.filter(({ kind }) => !['queued', 'started', 'progressed'].includes(kind));
  const byRun = new Set(outcomes.map(({ run }) => run));
  if (byRun.size < outcomes.length) found.push('a run has two outcomes');
  const ends = outcomes.filter(({ kind, late }) => isFinal(kind as JobStatus) && !late);
  if (isFinal(record.status) && ends.map(({ kind }) => kind).join() !== record.status)
    found.push(
      `is ${record.status}, and its history tells of ${ends.map(({ kind }) => kind).join(', ') || 'no end'}`,
    );
  const late = outcomes.filter((event) => event.late).length;
  // Two gateways may overtake each other.
  if (late > (scenario.faults.length + scenario.gateways > 1 ? mostLate : 0))
    found.push(`has ${late} late outcomes`);
  return found;
}

/** Each message too many may lead to as many runs again as the job has attempts; without one there is no run too many. */
function attemptsOf({ plan, runs }: End, { ledger }: World): string[] {
  const found: string[] = [];
  const late = runs.find(({ attempt }) => attempt > plan.maxAttempts);
  if (late) found.push(`ran attempt ${late.attempt} of ${plan.maxAttempts}`);
  const losses = ledger.losses.filter(({ jobId }) => jobId === plan.id).length;
  const copies = ledger.copies.filter((jobId) => jobId === plan.id).length;
  const extra = copies + losses + ledger.wipes;
  if (runs.length > plan.maxAttempts * (1 + extra))
    found.push(`ran ${runs.length} times with ${extra} extra hand-overs`);
  return found;
}

/** Whoever failed lies among the dead letters, unless a broker forgot it, or a copy ran to success all the same. */
function deadLetterOf({ plan, record, runs }: End, world: World, { broker }: Cluster): string[] {
  if (record.status !== 'failed' || world.ledger.wipes > 0) return [];
  const isDead = broker.dead.some(({ message }) => message.id === plan.id);
  if (isDead || runs.some(({ end }) => end === 'succeeded')) return [];
  return ['failed and is no dead letter'];
}

import { type Probe, readinessOf } from '@heavylift/nestjs';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { QueuesService } from '../queues/queues.service.js';
import { cursorOf } from '../schedules/schedule-query.js';
import type { SchedulesService } from '../schedules/schedules.service.js';
import type { JobStore } from '../store/index.js';
import { workerView } from '../workers/worker-view.js';
import type { WorkersService } from '../workers/workers.service.js';
import type { LiveTopic } from './live-message.js';

export interface LookedAt {
  readonly store: Pick<JobStore, 'counts'>;
  readonly queues: Pick<QueuesService, 'list'>;
  readonly workers: Pick<WorkersService, 'list'>;
  readonly schedules: Pick<SchedulesService, 'list'>;
  readonly audit: Pick<AuditTrail, 'list'>;
  readonly probes: readonly Probe[];
}

/** How to look at a topic, and for how long a look holds when nobody says that something changed. */
export interface Look {
  readonly everyMs: number;
  /** Of the time, the most that looks take: after one that takes long, the next waits accordingly. Default: 1. */
  readonly mostOfTime?: number;
  /** What is told, when it is not what was told last. */
  readonly look: () => Promise<unknown>;
}

/** More a page does not show at once. */
const mostSchedules = 100;

/** What the live stream looks at while somebody listens. Each answers in the form of its REST route, without what grows by the clock alone or is large. */
export function looksAt(from: LookedAt): Readonly<Record<LiveTopic, Look>> {
  return {
    // Counting costs a look at every job that is kept: of ten million a second or more.
    counts: { everyMs: 2_000, mostOfTime: 0.05, look: () => from.store.counts() },
    queues: { everyMs: 3_000, look: () => queueLines(from.queues) },
    workers: { everyMs: 3_000, look: () => workerLines(from.workers) },
    schedules: { everyMs: 3_000, look: () => scheduleLines(from.schedules) },
    health: { everyMs: 5_000, look: () => readinessOf(from.probes) },
    audit: { everyMs: 3_000, look: async () => ({ items: await from.audit.list({ limit: 1 }) }) },
  };
}

async function queueLines(queues: LookedAt['queues']): Promise<object> {
  const { items, broker } = await queues.list();
  return { items: items.map(({ oldestSeconds: _grows, ...line }) => line), broker };
}

async function workerLines(workers: LookedAt['workers']): Promise<object> {
  return { items: (await workers.list()).map(workerView) };
}

/** Of the next runs the first: to reckon five of each would cost more than all other looks. */
async function scheduleLines(schedules: LookedAt['schedules']): Promise<object> {
  const found = await schedules.list({ limit: mostSchedules + 1 });
  const items = found.slice(0, mostSchedules).map(({ payload: _payload, nextRunAt, ...line }) => ({
    ...line,
    nextRuns: nextRunAt === undefined ? [] : [nextRunAt],
  }));
  return found.length > mostSchedules ? { items, nextCursor: cursorOf(items.at(-1)!.name) } : { items };
}

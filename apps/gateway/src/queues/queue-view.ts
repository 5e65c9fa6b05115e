import { priorities, type Priority } from '@heavylift/core';
import type { QueueSettings, QueueTally } from '../store/index.js';
import { does, isTaking, type SeenWorker } from '../workers/worker-register.js';
import type { QueueDepths } from './queue-depths.js';

/** A queue as clients see it. */
export interface QueueView {
  /** The job type. */
  readonly name: string;
  readonly ready: number;
  readonly inFlight: number;
  /** `null` while the broker is away: only it knows. */
  readonly deadLettered: number | null;
  /** Workers that take jobs from it. */
  readonly workers: number;
  readonly paused: boolean;
  readonly ratePerMinute: number | null;
  readonly oldestSeconds: number;
  /** Since when the first in line waits, ISO 8601. */
  readonly oldestAt: string | null;
  /** `ready` by lane. */
  readonly lanes: Readonly<Record<Priority, number>>;
}

export interface QueueFacts {
  readonly settings: QueueSettings;
  readonly tally: QueueTally;
  /** Waiting for a worker, by lane: as the broker says, or while it is away as the store counts. */
  readonly lanes: QueueView['lanes'];
  /** Absent while the broker is away. */
  readonly depths: QueueDepths | undefined;
  readonly fleet: readonly SeenWorker[];
}

export function queueView({ settings, tally, lanes, depths, fleet }: QueueFacts, now: number): QueueView {
  const { name, paused, perMinute } = settings;
  return {
    name,
    ready: priorities.reduce((sum, priority) => sum + lanes[priority], 0),
    inFlight: depths?.inFlight ?? tally.running,
    deadLettered: depths?.deadLettered ?? null,
    workers: fleet.filter(isTaking).filter(does(name)).length,
    paused,
    ratePerMinute: perMinute,
    oldestSeconds: tally.oldestAt ? Math.max(0, Math.floor((now - Date.parse(tally.oldestAt)) / 1_000)) : 0,
    oldestAt: tally.oldestAt ?? null,
    lanes,
  };
}

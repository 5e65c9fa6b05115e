import type { Transport } from '@heavylift/core';
import { canBeUsed } from '../queues/queue-depths.js';
import type { JobRecord, JobStore } from '../store/index.js';
import { does, type SeenWorker } from '../workers/worker-register.js';
import { causeOfWaiting, type Waiting } from './cause-of-waiting.js';

export interface JobWhyOptions {
  readonly store: Pick<JobStore, 'list' | 'control'>;
  readonly transport: Pick<Transport, 'check'>;
  readonly workers: () => Promise<readonly SeenWorker[]>;
}

/** More run at a time in no fleet whose slots anybody asks after one by one. */
const mostRunning = 1_000;

/** Finds out why a job is not running. */
export class JobWhy {
  readonly #options: JobWhyOptions;

  constructor(options: JobWhyOptions) {
    this.#options = options;
  }

  async of(job: JobRecord): Promise<Waiting> {
    const { store, transport, workers } = this.#options;
    const [place, settings, brokerIsThere, fleet, running] = await Promise.all([
      store.control.place(job.id),
      store.control.queueSettings(),
      canBeUsed(transport),
      workers(),
      store.list({ status: 'running', limit: mostRunning }),
    ]);
    const facts = {
      job,
      place,
      settings: settings.find(({ name }) => name === job.type),
      brokerIsThere,
      workers: fleet.filter(does(job.type)),
      runningIn: countByWorker(running),
    };
    return causeOfWaiting(facts, Date.now());
  }
}

/** Their events are here sooner than their workers' next word. */
function countByWorker(running: readonly JobRecord[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { worker } of running) if (worker) counts.set(worker, (counts.get(worker) ?? 0) + 1);
  return counts;
}

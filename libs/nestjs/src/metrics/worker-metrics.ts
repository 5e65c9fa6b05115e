import type { WorkerEnvironment } from '@heavylift/core';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

type AttemptEnded = Parameters<NonNullable<WorkerEnvironment['onAttemptEnded']>>[0];

/** From a quick picture to a long film, in seconds. */
const durationBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 21_600];

/** What a worker counts. */
export class WorkerMetrics {
  readonly #ended: Counter<'type' | 'outcome'>;
  readonly #seconds: Histogram<'type'>;

  constructor(registry: Registry, running: () => number) {
    const registers = [registry];
    this.#ended = new Counter({
      name: 'heavylift_attempts_total',
      help: 'Attempts that ended, by job type and outcome',
      labelNames: ['type', 'outcome'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'heavylift_attempt_duration_seconds',
      help: 'How long attempts took, from delivery to outcome',
      labelNames: ['type'],
      buckets: durationBuckets,
      registers,
    });
    new Gauge({
      name: 'heavylift_jobs_running',
      help: 'Jobs that run in this process now',
      registers,
      collect() {
        this.set(running());
      },
    });
  }

  attemptEnded(ended: AttemptEnded): void {
    this.#ended.inc({ type: ended.jobType, outcome: ended.outcome });
    this.#seconds.observe({ type: ended.jobType }, ended.durationMs / 1_000);
  }
}

import type { JobEvent, JobState } from '@heavylift/core';
import { binOf } from './duration-bins.js';
import type { StatisticsRow } from './tables.js';

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What is counted: ends of jobs, retries, and how long jobs waited and ran. */
export const measures = ['succeeded', 'failed', 'cancelled', 'retried', 'wait', 'run'] as const;
export type Measure = (typeof measures)[number];

/** Counted by the minute for the last hours, and by the hour for months. */
export const steps = [
  { stepMs: minuteMs, keptMs: 2 * dayMs },
  { stepMs: hourMs, keptMs: 90 * dayMs },
] as const;

/** An event may be recorded long after it happened, as after an outage; a clock that is far off must not reach beyond that. */
const oldestMs = 7 * dayMs;

/** Counts what changes of jobs mean, so that a batch of events costs few rows. */
export class Statistics {
  readonly #rows = new Map<string, StatisticsRow>();
  readonly #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  /** Takes in a change of a job; an event that changed nothing counts for nothing. */
  add(event: JobEvent, before: JobState, after: JobState): void {
    if (before === after) return;
    const at = Math.min(this.#now, Math.max(this.#now - oldestMs, Date.parse(event.at)));
    for (const [measure, bin] of countsOf(event, before))
      for (const { stepMs } of steps) this.#count({ stepMs, at, type: event.jobType, measure, bin });
  }

  /** In one order, so that two transactions that count the same never block each other. */
  get rows(): readonly StatisticsRow[] {
    return [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  #count(of: { stepMs: number; at: number; type: string; measure: Measure; bin: number }): void {
    const at = of.at - (of.at % of.stepMs);
    const key = `${of.stepMs}/${at}/${of.type}/${of.measure}/${of.bin}`;
    const { stepMs: step_ms, type, measure, bin } = of;
    const count = (this.#rows.get(key)?.count ?? 0) + 1;
    this.#rows.set(key, { step_ms, at, type, measure, bin, count });
  }
}

function countsOf(event: JobEvent, before: JobState): [Measure, number][] {
  switch (event.kind) {
    case 'started':
      return duration('wait', before.nextAttemptAt ?? before.queuedAt, event.at);
    case 'succeeded':
      return [['succeeded', 0], ...duration('run', before.startedAt, event.at)];
    case 'failed':
      return [['failed', 0], ...duration('run', before.startedAt, event.at)];
    case 'retrying':
      return [['retried', 0], ...duration('run', before.startedAt, event.at)];
    case 'cancelled':
      return [['cancelled', 0]];
    default:
      return [];
  }
}

function duration(measure: Measure, from: string | undefined, to: string): [Measure, number][] {
  return from === undefined ? [] : [[measure, binOf(Date.parse(to) - Date.parse(from))]];
}

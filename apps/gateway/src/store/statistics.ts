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
  /** By the minute; each step is a multiple of it. */
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
      count(this.#rows, { step_ms: minuteMs, at, type: event.jobType, measure, bin, count: 1 });
  }

  /** In one order, so that two transactions that count the same never block each other. */
  get rows(): readonly StatisticsRow[] {
    const rows = new Map<string, StatisticsRow>();
    for (const row of this.#rows.values())
      for (const { stepMs } of steps) count(rows, { ...row, step_ms: stepMs });
    return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }
}

/** Adds a row to the one of the same step. */
function count(rows: Map<string, StatisticsRow>, row: StatisticsRow): void {
  const at = row.at - (row.at % row.step_ms);
  const key = `${row.step_ms}/${at}/${row.type}/${row.measure}/${row.bin}`;
  rows.set(key, { ...row, at, count: (rows.get(key)?.count ?? 0) + row.count });
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

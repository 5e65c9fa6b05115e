import type { StatisticsPoint } from '../api/model.js';

/** A line of a chart. Its colour is a name of the style sheet. */
export interface Series {
  readonly name: string;
  readonly colour: 'good' | 'bad' | 'warn' | 'accent' | 'muted';
  readonly value: (point: StatisticsPoint) => number | null;
}

export const endsSeries: readonly Series[] = [
  { name: 'succeeded', colour: 'good', value: ({ succeeded }) => succeeded },
  { name: 'failed', colour: 'bad', value: ({ failed }) => failed },
  { name: 'retried', colour: 'warn', value: ({ retried }) => retried },
  { name: 'cancelled', colour: 'muted', value: ({ cancelled }) => cancelled },
];

export const timesSeries: readonly Series[] = [
  { name: 'wait, half', colour: 'muted', value: ({ waitMs }) => waitMs?.p50 ?? null },
  { name: 'wait, 95 %', colour: 'warn', value: ({ waitMs }) => waitMs?.p95 ?? null },
  { name: 'run, half', colour: 'good', value: ({ runMs }) => runMs?.p50 ?? null },
  { name: 'run, 95 %', colour: 'accent', value: ({ runMs }) => runMs?.p95 ?? null },
];

export const queueSeries: readonly Series[] = [
  { name: 'waiting', colour: 'accent', value: ({ ready }) => ready },
  { name: 'in hand', colour: 'good', value: ({ inFlight }) => inFlight },
];

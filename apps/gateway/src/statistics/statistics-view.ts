import type { Counted, Sampled, Span } from '../store/index.js';
import { percentile } from '../store/index.js';

/** Half, and 95 of 100, took no longer, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** What was counted, in a point or in all. */
export interface CountsView {
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly retried: number;
  /** From queued, or due for another attempt, to started; null when nothing started. */
  readonly waitMs: Percentiles | null;
  /** Of an attempt; null when none ended. */
  readonly runMs: Percentiles | null;
}

/** A point of a chart. What was sampled is null where no gateway ran. */
export interface PointView extends CountsView {
  readonly at: string;
  readonly ready: number | null;
  readonly inFlight: number | null;
  readonly broker: 'up' | 'away' | null;
}

export interface StatisticsView {
  readonly from: string;
  readonly to: string;
  readonly pointSeconds: number;
  readonly totals: CountsView;
  readonly points: readonly PointView[];
}

/** Every point of the span, in order, the empty ones too. */
export function statisticsView(
  span: Span,
  counted: readonly Counted[],
  sampled: readonly Sampled[],
): StatisticsView {
  const counts = byPoint(counted);
  const samples = byPoint(sampled);
  const points: PointView[] = [];
  for (let at = span.from; at < span.to; at += span.pointMs)
    points.push({
      at: new Date(at).toISOString(),
      ...countsView(counts.get(at) ?? []),
      ...samplesView(samples.get(at) ?? []),
    });
  return {
    from: new Date(span.from).toISOString(),
    to: new Date(span.to).toISOString(),
    pointSeconds: span.pointMs / 1_000,
    totals: countsView(counted),
    points,
  };
}

function byPoint<T extends { readonly at: number }>(rows: readonly T[]): ReadonlyMap<number, readonly T[]> {
  const found = new Map<number, T[]>();
  for (const row of rows) {
    const point = found.get(row.at);
    if (point) point.push(row);
    else found.set(row.at, [row]);
  }
  return found;
}

function countsView(counted: readonly Counted[]): CountsView {
  const of = (wanted: string): number =>
    counted.reduce((sum, { measure, count }) => (measure === wanted ? sum + count : sum), 0);
  return {
    succeeded: of('succeeded'),
    failed: of('failed'),
    cancelled: of('cancelled'),
    retried: of('retried'),
    waitMs: percentilesOf(counted, 'wait'),
    runMs: percentilesOf(counted, 'run'),
  };
}

function percentilesOf(counted: readonly Counted[], wanted: string): Percentiles | null {
  const histogram = new Map<number, number>();
  for (const { measure, bin, count } of counted)
    if (measure === wanted) histogram.set(bin, (histogram.get(bin) ?? 0) + count);
  const [p50, p95] = [percentile(histogram, 0.5), percentile(histogram, 0.95)];
  return p50 === undefined || p95 === undefined ? null : { p50, p95 };
}

function samplesView(sampled: readonly Sampled[]): Pick<PointView, 'ready' | 'inFlight' | 'broker'> {
  const sum = (wanted: string): number | null => {
    const found = sampled.filter(({ name }) => name === wanted);
    return found.length === 0 ? null : found.reduce((total, { value }) => total + value, 0);
  };
  const broker = sum('broker');
  return {
    ready: sum('ready'),
    inFlight: sum('inFlight'),
    broker: broker === null ? null : broker > 0 ? 'up' : 'away',
  };
}

import type { JSX } from 'preact';
import type { Statistics } from '../api/model.js';
import { formatTook } from '../format.js';
import { Chart } from './chart.js';
import { endsSeries, queueSeries, timesSeries } from './series.js';

/** What happened, how long it took, and how much waited, over one span of time. */
export function StatisticsCharts({ statistics }: { readonly statistics: Statistics }): JSX.Element {
  const { totals, points } = statistics;
  const away = points.filter(({ broker }) => broker === 'away').length;
  const minutesAway = Math.round((away * statistics.pointSeconds) / 60);
  return (
    <div class="stack">
      <dl class="facts totals">
        <Total name="Succeeded" value={totals.succeeded.toLocaleString()} />
        <Total name="Failed" value={totals.failed.toLocaleString()} />
        <Total name="Retried" value={totals.retried.toLocaleString()} />
        <Total name="Waited, half · 95 %" value={percentiles(totals.waitMs)} />
        <Total name="Ran, half · 95 %" value={percentiles(totals.runMs)} />
      </dl>
      {away > 0 && (
        <p class="notice notice-warn">
          The broker was away in {away === 1 ? 'one part' : `${away} parts`} of this time, at most{' '}
          {minutesAway} minutes in all; red on the charts.
        </p>
      )}
      <div class="charts">
        <Chart
          title="Ended"
          series={endsSeries}
          statistics={statistics}
          format={(value) => value.toLocaleString()}
        />
        <Chart
          title="Wait and run"
          series={timesSeries}
          statistics={statistics}
          format={(value) => formatTook(value)}
        />
        <Chart
          title="In the queues"
          series={queueSeries}
          statistics={statistics}
          format={(value) => value.toLocaleString()}
        />
      </div>
    </div>
  );
}

function Total({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function percentiles(found: { readonly p50: number; readonly p95: number } | null): string {
  return found ? `${formatTook(found.p50)} · ${formatTook(found.p95)}` : '–';
}

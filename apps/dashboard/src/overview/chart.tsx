import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Statistics } from '../api/model.js';
import type { Series } from './series.js';

interface ChartProps {
  readonly title: string;
  readonly series: readonly Series[];
  readonly statistics: Statistics;
  readonly format: (value: number) => string;
}

const heightPx = 180;

/** Lines over time, with the values under the pointer in the legend, and the times when the broker was away in red. */
export function Chart({ title, series, statistics, format }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef(statistics);
  shown.current = statistics;
  const plot = useRef<uPlot>(undefined);
  useEffect(() => {
    const frame = place.current!;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsOf({ series, format, frame, shown: () => shown.current }),
        dataOf(series, shown.current),
        frame,
      );
    };
    draw();
    const sizes = new ResizeObserver(() =>
      plot.current?.setSize({ width: frame.clientWidth, height: heightPx }),
    );
    sizes.observe(frame);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      scheme.removeEventListener('change', draw);
      sizes.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(dataOf(series, statistics)), [statistics]);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={summaryOf(title, series, statistics, format)} />
    </figure>
  );
}

function dataOf(series: readonly Series[], { points }: Statistics): uPlot.AlignedData {
  return [points.map(({ at }) => Date.parse(at) / 1_000), ...series.map(({ value }) => points.map(value))];
}

interface Drawing {
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  readonly frame: HTMLElement;
  readonly shown: () => Statistics;
}

function optionsOf({ series, format, frame, shown }: Drawing): uPlot.Options {
  const colour = (name: string): string => getComputedStyle(frame).getPropertyValue(`--${name}`);
  const axis = {
    stroke: colour('muted'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1 },
  };
  return {
    width: frame.clientWidth,
    height: heightPx,
    cursor: { y: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.05)] } },
    axes: [
      { ...axis, values: (_plot, moments) => moments.map(clockOf(shown())) },
      { ...axis, size: 60, values: (_plot, values) => values.map(format) },
    ],
    series: [
      { label: 'time' },
      ...series.map(({ name, colour: line }) => ({
        label: name,
        stroke: colour(line),
        width: 2,
        points: { show: true, size: 4 },
        value: (_plot: uPlot, value: number | null) => (value === null ? '–' : format(value)),
      })),
    ],
    hooks: { drawClear: [(plot) => markOutages(plot, shown(), colour('bad-soft'))] },
  };
}

function markOutages(plot: uPlot, { points, pointSeconds }: Statistics, fill: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = fill;
  for (const { at } of points.filter(({ broker }) => broker === 'away')) {
    const from = plot.valToPos(Date.parse(at) / 1_000, 'x', true);
    const to = plot.valToPos(Date.parse(at) / 1_000 + pointSeconds, 'x', true);
    ctx.fillRect(Math.max(from, bbox.left), bbox.top, Math.max(2, to - from), bbox.height);
  }
  ctx.restore();
}

/** The chart in words, for those who do not see it. */
function summaryOf(
  title: string,
  series: readonly Series[],
  { points }: Statistics,
  format: (value: number) => string,
): string {
  const highest = series.map(({ name, value }) => {
    const values = points.map(value).filter((one) => one !== null);
    return `${name} at most ${values.length > 0 ? format(Math.max(...values)) : 'unknown'}`;
  });
  return `${title}: ${highest.join(', ')}`;
}

/** The time of day on a span of up to a day, else the date. */
function clockOf({ from, to }: Statistics): (seconds: number) => string {
  const isLong = Date.parse(to) - Date.parse(from) > 86_400_000;
  const format = new Intl.DateTimeFormat(
    undefined,
    isLong ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit', hour12: false },
  );
  return (seconds) => format.format(new Date(seconds * 1_000));
}

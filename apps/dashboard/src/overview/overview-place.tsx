import type { JSX } from 'preact';
import { getStatistics, listJobs } from '../api/api.js';
import { useFresh } from '../live/use-fresh.js';
import { JobList } from '../jobs/job-list.js';
import { Choice } from '../ui/choice.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { go, href } from '../ui/route.js';
import { QueueDepths } from './queue-depths.js';
import { StatusTiles } from './status-tiles.js';
import { StatisticsCharts } from './statistics-charts.js';

const spans = [
  { value: '15', label: '15 min' },
  { value: '60', label: '1 h' },
  { value: '360', label: '6 h' },
  { value: '1440', label: '1 day' },
  { value: '10080', label: '7 days' },
  { value: '43200', label: '30 days' },
] as const;

const recent = 8;

/** How it goes, at a glance: counts, charts over a span of time, what the queues hold, and the newest jobs. */
export function OverviewPlace({ query }: { readonly query: Readonly<Record<string, string>> }): JSX.Element {
  const minutes = spans.some(({ value }) => value === query.minutes) ? query.minutes! : '60';
  const statistics = useFresh((signal) => getStatistics(Number(minutes), signal), minutes);
  const jobs = useFresh((signal) => listJobs({ limit: recent }, signal), 'recent');
  return (
    <>
      <StatusTiles />
      <section class="panel" aria-labelledby="charts-title">
        <h2 id="charts-title">How it went</h2>
        <Choice
          name="minutes"
          legend="Last"
          options={spans}
          value={minutes}
          onChange={(value) => go(href([], { minutes: value }))}
        />
        <ProblemNotice problem={statistics.problem} />
        {statistics.value && <StatisticsCharts statistics={statistics.value} />}
      </section>
      <QueueDepths />
      <section class="panel" aria-labelledby="recent-title">
        <h2 id="recent-title">Newest jobs</h2>
        <ProblemNotice problem={jobs.problem} />
        {jobs.value && <JobList jobs={jobs.value.items} />}
        <p>
          <a href={href(['jobs'])}>All jobs</a> · <a href={href(['new'])}>New job</a>
        </p>
      </section>
    </>
  );
}

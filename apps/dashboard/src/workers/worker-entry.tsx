import type { JSX } from 'preact';
import type { Worker } from '../api/workers.js';
import { formatAge, formatBytes, formatDuration, shortId } from '../format.js';
import { jobTypeName } from '../job/describe-job.js';
import { Fact } from '../ui/fact.js';
import { jobHref } from '../ui/route.js';
import { SteerForm } from './steer-form.js';
import { isGone, WorkerBadge } from './worker-status.js';

interface WorkerEntryProps {
  readonly worker: Worker;
  readonly now: number;
}

export function WorkerEntry({ worker, now }: WorkerEntryProps): JSX.Element {
  const { id, status, jobTypes, running } = worker;
  const gone = isGone(worker);
  return (
    <li class={gone ? 'entry entry-gone' : 'entry'} data-worker={id} data-status={status}>
      <div class="entry-header">
        <h3>{id}</h3>
        <WorkerBadge worker={worker} />
      </div>
      <p class="muted">{jobTypes.join(', ')}</p>
      {gone ? (
        <p class="muted">Last seen {formatDuration(now - Date.parse(worker.lastSeenAt))} ago.</p>
      ) : (
        <>
          <WorkerFacts worker={worker} now={now} />
          {running.length > 0 && <RunningJobs running={running} />}
          <SteerForm key={worker.concurrency} worker={worker} />
        </>
      )}
    </li>
  );
}

function WorkerFacts({ worker, now }: WorkerEntryProps): JSX.Element {
  return (
    <dl class="facts wide">
      <Fact name="Busy">
        {worker.busy} of {worker.concurrency}
      </Fact>
      <Fact name="CPU">{Math.round(worker.cpuPercent)} %</Fact>
      <Fact name="Memory">{formatBytes(worker.rssBytes)}</Fact>
      <Fact name="Event-loop lag">{Math.round(worker.eventLoopLagMs)} ms</Fact>
      <Fact name="Up for">{formatDuration(now - Date.parse(worker.startedAt))}</Fact>
      <Fact name="Last seen">{formatAge(now - Date.parse(worker.lastSeenAt))}</Fact>
      <Fact name="Host and process">
        {worker.host}, {worker.pid}
      </Fact>
      <Fact name="App and version">
        {worker.app} {worker.version}
      </Fact>
    </dl>
  );
}

function RunningJobs({ running }: Pick<Worker, 'running'>): JSX.Element {
  return (
    <ul>
      {running.map(({ jobId, type, attempt }) => (
        <li key={jobId}>
          Runs{' '}
          <a href={jobHref(jobId)}>
            {jobTypeName(type)} {shortId(jobId)}
          </a>
          {attempt > 1 && `, attempt ${attempt}`}
        </li>
      ))}
    </ul>
  );
}

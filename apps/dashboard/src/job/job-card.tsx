import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isFinal, type Job } from '../api/model.js';
import { shortId } from '../format.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { StatusBadge } from '../ui/status-badge.js';
import { jobHref } from '../ui/route.js';
import { CancelButton } from './cancel-button.js';
import { CurlCommand } from './curl-command-box.js';
import { describePayload, jobTypeName } from './describe-job.js';
import { JobErrorNotice } from './job-error-notice.js';
import { JobFacts } from './job-facts.js';
import { JobLogView } from './job-log.js';
import { JobProgress } from './job-progress.js';
import { JobResultView } from './job-result-view.js';
import { MendForm } from './mend-form.js';
import { JobTimeline } from './job-timeline.js';
import { WaitReason } from './wait-reason.js';
import { type FollowedJob, useJob } from './use-job.js';

interface JobCardProps {
  readonly id: string;
  /** Where its closing leads. */
  readonly closeHref: string;
}

/** One job: where it stands, live, and what it made. */
export function JobCard({ id, closeHref }: JobCardProps): JSX.Element {
  const followed = useJob(id);
  const { job, problem } = followed;
  const card = useRef<HTMLElement>(null);
  useEffect(() => showCard(card.current), []);
  useTitle(job);
  return (
    <article
      class="panel card"
      ref={card}
      tabIndex={-1}
      aria-labelledby="job-title"
      data-job-id={id}
      data-status={job?.status}
    >
      <header class="card-header">
        <h2 id="job-title">
          {job ? jobTypeName(job.type) : 'Job'}{' '}
          <a class="muted id" href={jobHref(id)} title={id}>
            {shortId(id)}
          </a>
        </h2>
        <span role="status">{job && <StatusBadge status={job.status} />}</span>
        <a class="button quiet" href={closeHref} aria-label="Close this job">
          ✕
        </a>
      </header>
      {problem?.status === 410 ? <ExpiredNotice /> : <ProblemNotice problem={problem} />}
      {job ? <Details job={job} followed={followed} /> : !problem && <p class="muted">Loading…</p>}
    </article>
  );
}

/** It is nobody's fault, so no error. */
function ExpiredNotice(): JSX.Element {
  return (
    <p class="notice notice-warn" role="status">
      This job has expired. It ended long ago, and was removed with its history and the files that it made;{' '}
      <code>RETENTION_DAYS</code> says how long ended jobs are kept.
    </p>
  );
}

function Details({ job, followed }: { readonly job: Job; readonly followed: FollowedJob }): JSX.Element {
  return (
    <div class="stack">
      <p class="muted asked">{describePayload(job.type, job.payload)}</p>
      <JobProgress job={job} link={followed.link} />
      <WaitReason job={job} />
      <JobFacts job={job} />
      {!isFinal(job.status) && <CancelButton id={job.id} />}
      {job.status !== 'succeeded' && <JobErrorNotice job={job} />}
      {(job.status === 'failed' || job.status === 'cancelled') && (
        <MendForm job={job} onDone={followed.refresh} />
      )}
      {job.status === 'succeeded' && <JobResultView job={job} />}
      <JobLogView log={followed.log} />
      <JobTimeline events={followed.events} />
      <CurlCommand job={job} />
    </div>
  );
}

/** Goes to a card that was just opened, unless most of it can be seen already. */
function showCard(card: HTMLElement | null): void {
  card?.focus({ preventScroll: true });
  const top = card?.getBoundingClientRect().top ?? 0;
  if (top < 0 || top > innerHeight / 2) card?.scrollIntoView({ block: 'start' });
}

/** The tab tells how far the job is, so that one can look elsewhere meanwhile. */
function useTitle(job: Job | undefined): void {
  const state = job && (isFinal(job.status) ? job.status : `${Math.floor(job.progress.percent)}%`);
  useEffect(() => {
    document.title = state ? `${state} · ${job && jobTypeName(job.type)} · Heavylift` : 'Heavylift';
    return () => void (document.title = 'Heavylift');
  }, [state]);
}

import type { JSX } from 'preact';
import type { Job } from '../api/model.js';
import { formatAge, formatTook, shortId } from '../format.js';
import { describePayload, jobTypeName } from '../job/describe-job.js';
import { StatusBadge } from '../ui/status-badge.js';
import { jobHref } from '../ui/route.js';

interface JobRowProps {
  readonly job: Job;
  readonly now: number;
}

export function JobRow({ job, now }: JobRowProps): JSX.Element {
  return (
    <li>
      <a class="row" href={jobHref(job.id)} data-row={job.id}>
        <StatusBadge status={job.status} />
        <span class="row-what">
          <strong>{jobTypeName(job.type)}</strong>{' '}
          <span class="muted">{describePayload(job.type, job.payload)}</span>
        </span>
        <span class="row-took muted number">{took(job)}</span>
        <span class="row-id muted id">{shortId(job.id)}</span>
        <time
          class="row-age muted number"
          dateTime={job.createdAt}
          title={new Date(job.createdAt).toLocaleString()}
        >
          {formatAge(now - Date.parse(job.createdAt))}
        </time>
      </a>
    </li>
  );
}

/** How far it is, or how long it ran. */
function took({ status, progress, startedAt, finishedAt, attempt }: Job): string {
  if (status === 'running') return `${Math.floor(progress.percent)}%`;
  if (status === 'retrying') return `attempt ${attempt}`;
  return startedAt && finishedAt ? formatTook(Date.parse(finishedAt) - Date.parse(startedAt)) : '';
}

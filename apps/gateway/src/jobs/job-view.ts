import type { AssetFacts, ErrorFacts, JobState, JobStatus, Progress } from '@heavylift/core';
import type { JobRecord, StoredEvent } from '../store/index.js';
import { etaSeconds } from './eta.js';

/** A job as clients see it; absent times and results are null, so that every job has the same fields. */
export interface JobView {
  readonly id: string;
  readonly type: string;
  readonly status: JobStatus;
  readonly priority: string;
  readonly progress: ProgressView;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly payload: unknown;
  readonly result: unknown;
  readonly error?: Pick<ErrorFacts, 'code' | 'message' | 'retryable'>;
  readonly worker: string | null;
  readonly createdAt: string;
  readonly queuedAt: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly runAt?: string;
  readonly scheduleId?: string;
  readonly scheduledFor?: string;
  readonly nextAttemptAt?: string;
}

export interface ProgressView extends Progress {
  /** Until the running attempt ends, at its pace so far; absent where that cannot be said. */
  readonly etaSeconds?: number;
}

export function jobView(job: JobRecord): JobView {
  return {
    id: job.id,
    type: job.type,
    status: job.status,
    priority: job.priority,
    progress: progressView(job),
    attempt: job.attempt,
    maxAttempts: job.maxAttempts,
    payload: job.payload,
    result: job.result ?? null,
    ...(job.error ? { error: errorView(job.error) } : {}),
    worker: job.worker ?? null,
    createdAt: job.createdAt,
    queuedAt: job.queuedAt ?? null,
    startedAt: job.startedAt ?? null,
    finishedAt: job.finishedAt ?? null,
    ...(job.status === 'scheduled' && job.dueAt ? { runAt: job.dueAt } : {}),
    ...(job.scheduleId ? { scheduleId: job.scheduleId } : {}),
    ...(job.scheduledFor ? { scheduledFor: job.scheduledFor } : {}),
    ...(job.nextAttemptAt ? { nextAttemptAt: job.nextAttemptAt } : {}),
  };
}

function progressView(job: JobState): ProgressView {
  const eta = etaSeconds(job, Date.now());
  return eta === undefined ? job.progress : { ...job.progress, etaSeconds: eta };
}

function errorView({ code, message, retryable }: ErrorFacts): JobView['error'] {
  return { code, message, retryable };
}

/** One thing that happened to a job. `seq` grows; it is the id of the event on the job's stream. */
export interface EventView {
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly attempt: number;
  readonly worker: string | null;
  readonly progress?: ProgressView;
  readonly result?: unknown;
  readonly assets?: readonly AssetFacts[];
  readonly error?: ErrorFacts;
  readonly nextAttemptAt?: string;
  readonly reason?: string;
  /** The run's outcome came when the job had gone on without it, and changed nothing. */
  readonly late?: true;
}

export function eventView(event: StoredEvent): EventView {
  const { id: _id, jobId: _jobId, jobType: _jobType, release: _release, run: _run, ...shown } = event;
  return { ...shown, worker: event.worker ?? null };
}

/** The same for who follows the job as it stands: progress of the moment tells when it would end. */
export function liveEventView(event: StoredEvent, job: JobState): EventView {
  const view = eventView(event);
  const isLatest =
    event.kind === 'progressed' && event.run === job.run && event.progress.percent === job.progress.percent;
  return isLatest ? { ...view, progress: { ...progressView(job), ...event.progress } } : view;
}

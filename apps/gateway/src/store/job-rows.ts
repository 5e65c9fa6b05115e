import type { JobState } from '@heavylift/core';
import { fold, isFinal } from '@heavylift/core/job-life';
import type { JobRecord, NewJob } from './job-store.js';
import { queuedEvent } from './queued-event.js';
import type { JobRow } from './tables.js';

/** Before its first event: any event of the job is later. */
export function stateOfNew(job: NewJob): JobState {
  return {
    status: 'scheduled',
    attempt: 0,
    release: 0,
    rank: -1,
    maxAttempts: job.maxAttempts,
    progress: { percent: 0 },
    assets: [],
  };
}

/** Once it is accepted: a job that is due has its first event. */
export function stateOfAccepted(job: NewJob, now: number): JobState {
  const isDue = job.dueAt === undefined || Date.parse(job.dueAt) <= now;
  return isDue ? fold(stateOfNew(job), queuedEvent(job, job.createdAt)) : stateOfNew(job);
}

/** The job as it is read once it is accepted. */
export function recordOfAccepted(job: NewJob, now: number): JobRecord {
  return { ...stateOfAccepted(job, now), priority: 'normal', ...job };
}

/** Whose message of which attempt is on its way, and until when nobody else sends it. */
export type SendingColumns = Pick<JobRow, 'keeper' | 'lease_until' | 'sending_attempt' | 'sending_release'>;

export const unsent: SendingColumns = {
  keeper: null,
  lease_until: 0,
  sending_attempt: null,
  sending_release: null,
};

export function rowOfNew(job: NewJob, state: JobState, events: number, sending = unsent): JobRow {
  return {
    id: job.id,
    type: job.type,
    version: job.version,
    priority: job.priority ?? 'normal',
    payload: JSON.stringify(job.payload),
    timeout_ms: job.timeoutMs,
    created_at: job.createdAt,
    due_at: Date.parse(job.dueAt ?? job.createdAt),
    ...stateColumns(state),
    events,
    dispatched: 0,
    ...sending,
    cause: null,
    finished_at: null,
    adoptions: 0,
    schedule_id: job.scheduleId ?? null,
    scheduled_for: job.scheduledFor === undefined ? null : Date.parse(job.scheduledFor),
  };
}

/** The columns that follow from a job's state. */
export function stateColumns(state: JobState): Pick<JobRow, 'status' | 'final' | 'state'> {
  return { status: state.status, final: isFinal(state.status) ? 1 : 0, state: JSON.stringify(state) };
}

export const recordColumns = [
  'id',
  'type',
  'version',
  'priority',
  'payload',
  'timeout_ms',
  'created_at',
  'due_at',
  'state',
  'schedule_id',
  'scheduled_for',
] as const satisfies readonly (keyof JobRow)[];

export function recordOf(row: Pick<JobRow, (typeof recordColumns)[number]>): JobRecord {
  return {
    ...(JSON.parse(row.state) as JobState),
    id: row.id,
    type: row.type,
    version: row.version,
    priority: row.priority,
    payload: JSON.parse(row.payload),
    timeoutMs: row.timeout_ms,
    createdAt: row.created_at,
    ...(row.due_at > Date.parse(row.created_at) ? { dueAt: new Date(row.due_at).toISOString() } : {}),
    ...(row.schedule_id === null ? {} : { scheduleId: row.schedule_id }),
    ...(row.scheduled_for === null ? {} : { scheduledFor: new Date(row.scheduled_for).toISOString() }),
  };
}

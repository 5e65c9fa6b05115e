import type { AssetFacts, ErrorFacts, EventKind, JobEvent, Progress } from './job-event.js';

export const jobStatuses = [
  'scheduled',
  'queued',
  'running',
  'retrying',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export function isFinal(status: JobStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** The part of a job that events change. Times are ISO 8601. */
export interface JobState {
  readonly status: JobStatus;
  readonly attempt: number;
  readonly release: number;
  /** The rank of the kind that was last taken in; orders events of one attempt and release. */
  readonly rank: number;
  readonly maxAttempts: number;
  readonly progress: Progress;
  /** When its percent last grew, in this run. */
  readonly progressedAt?: string;
  readonly result?: unknown;
  readonly assets: readonly AssetFacts[];
  readonly error?: ErrorFacts;
  readonly worker?: string;
  readonly run?: string;
  readonly queuedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly nextAttemptAt?: string;
  /** How many outcomes its history keeps as late. */
  readonly late?: number;
}

/** Which run of a job a message asks for. */
export type Sending = Pick<JobState, 'attempt' | 'release'>;

/** Where a job stands, as far as the order of its events goes. */
export type Standing = Sending & Pick<JobState, 'status' | 'rank'>;

/** Orders the events of one attempt and release. */
export const rankOf: Record<EventKind, number> = {
  queued: 0,
  started: 1,
  progressed: 1,
  released: 2,
  retrying: 3,
  succeeded: 4,
  failed: 4,
  cancelled: 4,
  redriven: 5,
};

/**
 * The one place where a job's state changes. Pure; returns the very same object when the event changes nothing.
 *
 * Events are ordered by (attempt, release, rank), so repeated, late and reordered ones change nothing, and any number of
 * gateways may project. A final status stays, but for a redrive. The success of any attempt wins over what is not final: the work is done.
 */
export function fold(state: JobState, event: JobEvent): JobState {
  if (!applies(state, event)) return state;
  const position = { attempt: event.attempt, release: event.release, rank: rankOf[event.kind] };
  switch (event.kind) {
    case 'queued':
      return { ...state, ...position, status: 'queued', queuedAt: event.at };
    case 'started':
      return {
        ...without(state, 'nextAttemptAt', 'progressedAt'),
        ...position,
        ...holder(event),
        status: 'running',
        progress: { percent: 0 },
        startedAt: event.at,
      };
    case 'progressed':
      return {
        ...state,
        progress: event.progress,
        ...(event.progress.percent > state.progress.percent ? { progressedAt: event.at } : {}),
      };
    case 'released':
      return { ...without(state, 'worker', 'run'), ...position, status: 'queued' };
    case 'retrying':
      return {
        ...state,
        ...position,
        ...holder(event),
        status: 'retrying',
        error: event.error,
        nextAttemptAt: event.nextAttemptAt,
      };
    case 'succeeded':
      return {
        ...without(state, 'error', 'nextAttemptAt'),
        ...position,
        ...holder(event),
        status: 'succeeded',
        progress: { percent: 100 },
        result: event.result,
        assets: event.assets,
        finishedAt: event.at,
      };
    case 'failed':
      return {
        ...without(state, 'nextAttemptAt'),
        ...position,
        ...holder(event),
        status: 'failed',
        error: event.error,
        finishedAt: event.at,
      };
    case 'cancelled':
      return {
        ...without(state, 'nextAttemptAt'),
        ...position,
        ...holder(event),
        status: 'cancelled',
        finishedAt: event.at,
      };
    case 'redriven':
      return {
        ...without(state, 'error', 'finishedAt', 'worker', 'run'),
        // Where its next attempt is to begin, so that it can be cancelled before.
        attempt: event.attempt + 1,
        release: event.release,
        rank: rankOf.queued,
        status: 'queued',
        maxAttempts: event.maxAttempts,
        queuedAt: event.at,
      };
  }
}

/**
 * The attempt and release under which a message of a job is sent that no broker holds: the first for a new job, the same attempt
 * for a released one, the next one where a run failed, was redriven, or went down with its broker. Events of that run are later than the state.
 */
export function nextSending(state: Standing): Sending {
  if (state.attempt === 0) return { attempt: 1, release: 0 };
  if (state.status === 'queued' && state.rank < rankOf.released)
    return { attempt: state.attempt, release: state.release };
  if (state.status === 'queued' && state.rank === rankOf.released)
    return { attempt: state.attempt, release: state.release + 1 };
  return { attempt: state.attempt + 1, release: state.release };
}

function applies(state: JobState, event: JobEvent): boolean {
  if (event.kind === 'redriven')
    return (state.status === 'failed' || state.status === 'cancelled') && isLater(state, event);
  if (isFinal(state.status)) return false;
  if (event.kind === 'succeeded') return true;
  if (event.kind === 'progressed') return isProgressOf(state, event);
  return isLater(state, event);
}

/** By attempt, release and rank. */
export function isLater(state: JobState, event: JobEvent): boolean {
  if (event.attempt !== state.attempt) return event.attempt > state.attempt;
  if (event.release !== state.release) return event.release > state.release;
  return rankOf[event.kind] > state.rank;
}

/** By attempt, then by release. */
export function isEarlier(one: Sending, other: Sending): boolean {
  return one.attempt < other.attempt || (one.attempt === other.attempt && one.release < other.release);
}

/** Progress only counts from the run that the job is known by, and never goes back. */
function isProgressOf(state: JobState, event: JobEvent & { kind: 'progressed' }): boolean {
  return (
    state.status === 'running' && event.run === state.run && event.progress.percent >= state.progress.percent
  );
}

function holder(event: JobEvent): { worker?: string; run?: string } {
  return { ...(event.worker ? { worker: event.worker } : {}), ...(event.run ? { run: event.run } : {}) };
}

function without<K extends keyof JobState>(state: JobState, ...keys: K[]): Omit<JobState, K> {
  const rest: Partial<JobState> = { ...state };
  for (const key of keys) delete rest[key];
  return rest as Omit<JobState, K>;
}

import { fold, isEarlier, isFinal, isLater, type JobState, rankOf } from './fold.js';
import type { JobEvent } from './job-event.js';

/** An event as a job's history keeps it. `late`: it told how a run ended, came when the job had gone on without that run, and changed nothing. */
export type RecordedEvent = JobEvent & { readonly late?: true };

export interface Recorded {
  readonly state: JobState;
  readonly event: RecordedEvent;
}

/** So many late outcomes of a job are kept; further ones are dropped. */
const mostLate = 8;

/**
 * Takes an event into a job's state and history; undefined when the history does not keep it. Pure.
 *
 * A job has one end, and is told as if it ran once. Its handler runs again when worker or broker went down between the end and its acknowledgement, and
 * a worker that hung may wake when another has the job: of such a run only the outcome is kept, as late. It changes neither status, result nor files.
 */
export function record(state: JobState, event: JobEvent, folding = fold): Recorded | undefined {
  const next = folding(state, event);
  if (next !== state) return { state: next, event };
  if (!isOutcome(event)) return isOfRunAfterEnd(state, event) ? undefined : { state, event };
  const late = (state.late ?? 0) + 1;
  if (saysNothingNew(state, event) || late > mostLate) return undefined;
  return { state: { ...state, late }, event: { ...event, late: true } };
}

/**
 * Whether a history whose fold is `state` cannot hold the event yet: it is later than all that was taken in. Progress has no order of its own, and what
 * was kept as late may seem later once the job was redriven: of these, who asks has to look.
 */
export function isSurelyNew(state: JobState, event: JobEvent): boolean {
  return state.late === undefined && event.kind !== 'progressed' && isLater(state, event);
}

/** How a run ended, or that the job was cancelled. */
function isOutcome({ kind }: JobEvent): boolean {
  return rankOf[kind] >= rankOf.released && kind !== 'redriven';
}

/** Who runs a cancelled job tells that it stopped; a gateway may cancel what has ended, or moved on, in that moment. */
function saysNothingNew(state: JobState, event: JobEvent): boolean {
  return event.run === undefined || (event.kind === 'cancelled' && state.status === 'cancelled');
}

function isOfRunAfterEnd(state: JobState, event: JobEvent): boolean {
  if (!isFinal(state.status) || event.kind === 'redriven') return false;
  return event.run !== state.run && !isEarlier(event, state);
}

import type { ErrorFacts, Progress } from '@heavylift/core';
import type { StoredEvent } from '../store/index.js';

/** One attempt of a job, as its events tell it. */
export interface AttemptView {
  readonly attempt: number;
  readonly worker: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** How it ended; null while it runs, and of one whose worker was lost. */
  readonly outcome: 'succeeded' | 'retrying' | 'failed' | 'cancelled' | 'released' | null;
  readonly lastProgress: Progress | null;
  readonly error: ErrorFacts | null;
}

/** The attempts of a job, in their order; one that was released and begun again is told as its last run. */
export function attemptsOf(events: readonly StoredEvent[]): AttemptView[] {
  const attempts = new Map<number, AttemptView>();
  for (const event of events) {
    const before = attempts.get(event.attempt);
    const after = next(before, event);
    if (after) attempts.set(event.attempt, after);
  }
  return [...attempts.values()].sort((a, b) => a.attempt - b.attempt);
}

function next(before: AttemptView | undefined, event: StoredEvent): AttemptView | undefined {
  switch (event.kind) {
    case 'started':
      return { ...blank(event), startedAt: event.at };
    case 'progressed':
      return before && { ...before, lastProgress: event.progress };
    case 'retrying':
    case 'failed':
      return { ...(before ?? blank(event)), outcome: event.kind, endedAt: event.at, error: event.error };
    case 'succeeded':
    case 'released':
      return { ...(before ?? blank(event)), outcome: event.kind, endedAt: event.at };
    case 'cancelled':
      return before && { ...before, outcome: event.kind, endedAt: event.at };
    case 'queued':
    case 'redriven':
      return before;
  }
}

function blank({ attempt, worker }: StoredEvent): AttemptView {
  const none = { startedAt: null, endedAt: null, outcome: null, lastProgress: null, error: null };
  return { attempt, worker: worker ?? null, ...none };
}

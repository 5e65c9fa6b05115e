import { useEffect, useRef, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api/problem.js';
import { coalesced } from '../ui/coalesced.js';
import { type Change, onChange } from './live.js';

export interface Fresh<T> {
  /** The last answer; kept while a newer one is on its way. */
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  refresh(): void;
}

/** Changes may come many times a second; nobody reads that fast. */
const atMostEveryMs = 1_000;
const ofJobs: readonly Change[] = ['jobs', 'counts'];

/**
 * What `read` answers, read again when the gateway says that something of `on` changed (at most once a second), after each new connection to it, and when
 * the page becomes visible.
 * @param about names what is read: another name, another reading
 * @param on must not change; default: jobs and their counts
 */
export function useFresh<T>(
  read: (signal: AbortSignal) => Promise<T>,
  about: string,
  on: readonly Change[] = ofJobs,
): Fresh<T> {
  const [state, setState] = useState<{ about: string; value?: T; problem?: Problem }>({ about });
  const refresh = useRef(() => {});
  useEffect(() => {
    const gone = new AbortController();
    const show = (next: { value?: T; problem?: Problem }): void => {
      if (!gone.signal.aborted)
        setState((now) => ({ ...(now.about === about ? now : {}), problem: undefined, ...next, about }));
    };
    refresh.current = coalesced(async () => {
      if (gone.signal.aborted) return;
      await read(gone.signal).then(
        (value) => show({ value }),
        (error: unknown) => show({ problem: asProblem(error) }),
      );
      await new Promise((resolve) => setTimeout(resolve, atMostEveryMs));
    });
    const look = (): void => {
      if (document.visibilityState === 'visible') refresh.current();
    };
    document.addEventListener('visibilitychange', look, { signal: gone.signal });
    const leave = onChange((change) => {
      if (change === undefined || on.includes(change)) look();
    });
    refresh.current();
    return () => {
      leave();
      gone.abort();
    };
  }, [about]);
  const shown = state.about === about ? state : undefined;
  return { value: shown?.value, problem: shown?.problem, refresh: () => refresh.current() };
}

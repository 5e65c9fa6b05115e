import type { JobState } from '@heavylift/core';

export type RunFacts = Pick<JobState, 'status' | 'startedAt' | 'progressedAt'> & {
  readonly progress: { readonly percent: number };
};

/** Less is no ground for a guess. */
const leastPercent = 1;
const leastMs = 1_000;
/** Events take their time. */
const leastSilenceMs = 5_000;

/**
 * In how many seconds the running attempt would end if it went on at its pace so far. Undefined where that cannot be said: it does not run, is at its
 * very beginning, says that it is done, ought to be done by now, or has told nothing new for as long as it had run before.
 */
export function etaSeconds(
  { status, startedAt, progressedAt, progress }: RunFacts,
  now: number,
): number | undefined {
  const { percent } = progress;
  if (status !== 'running' || !startedAt || !progressedAt || percent < leastPercent) return undefined;
  const ranMs = Date.parse(progressedAt) - Date.parse(startedAt);
  // Clocks of two machines differ.
  const silentMs = Math.max(0, now - Date.parse(progressedAt));
  const leftMs = (ranMs * (100 - percent)) / percent - silentMs;
  if (ranMs < leastMs || leftMs <= 0 || silentMs > Math.max(leastSilenceMs, ranMs)) return undefined;
  return Math.ceil(leftMs / 1_000);
}

import { type Duration, toMs } from './duration.js';

/** How often a job is tried, and how long it waits in between. Values in milliseconds. */
export interface RetryPolicy {
  /** Attempts in all, the first one included. */
  readonly attempts: number;
  /** The wait before attempt `attempt + 1`, after attempt `attempt` (from 1) failed. `random` gives [0, 1). */
  delayMs(attempt: number, random: () => number): number;
}

/**
 * Waits that double from `first` up to `limit`, with full jitter on the upper half: between 50 % and 100 % of the step,
 * so that jobs that failed together do not come back together.
 */
export function exponential(options: { attempts: number; first: Duration; limit: Duration }): RetryPolicy {
  const firstMs = toMs(options.first);
  const limitMs = toMs(options.limit);
  return {
    attempts: options.attempts,
    delayMs: (attempt, random) => {
      const step = Math.min(limitMs, firstMs * 2 ** (attempt - 1));
      return Math.round(step / 2 + (random() * step) / 2);
    },
  };
}

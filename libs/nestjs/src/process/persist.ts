import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@heavylift/core';

const firstPauseMs = 200;
const longestPauseMs = 5_000;

/**
 * Does a step of the start, again for as long as it takes: a broker that is away delays a process, it does not end it.
 * Resolves false when it was stopped before it was done.
 */
export async function persist(
  step: string,
  work: () => Promise<void>,
  logger: Logger,
  stopped: AbortSignal,
): Promise<boolean> {
  for (let pauseMs = firstPauseMs; !stopped.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await work();
      return true;
    } catch (error) {
      logger.warn(`cannot ${step} yet, trying again`, { error: (error as Error).message });
      await Promise.race([sleep(pauseMs), aborted(stopped)]);
    }
  }
  return false;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

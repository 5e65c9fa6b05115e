import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, QueueSpec, Transport } from '@heavylift/core';

const longestPauseMs = 5_000;

/** Connects, and tries again for as long as it takes; a broker that is away delays a process, it does not end it. Resolves false when stopped. */
export async function connectTransport(
  transport: Transport,
  queues: readonly QueueSpec[],
  logger: Logger,
  stopped: AbortSignal,
): Promise<boolean> {
  for (let pauseMs = 200; !stopped.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await transport.connect(queues);
      return true;
    } catch (error) {
      logger.warn(`${transport.name} is not to be reached, trying again`, {
        error: (error as Error).message,
      });
      await sleep(pauseMs, undefined, { ref: true });
    }
  }
  return false;
}

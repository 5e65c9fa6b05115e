import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, QueueSpec, Transport } from '@heavylift/core';

const longestPauseMs = 5_000;
const firstPauseMs = 200;

export interface ConnectOptions {
  readonly queues: readonly QueueSpec[];
  readonly logger: Logger;
  readonly stopped: AbortSignal;
  /** What the process wants of the broker first, like a subscription; tried again too, as the broker may go away in between. */
  readonly begin: () => Promise<void>;
}

/** Connects, and tries again for as long as it takes; a broker that is away delays a process, it does not end it. Resolves false when stopped. */
export async function connectTransport(transport: Transport, options: ConnectOptions): Promise<boolean> {
  const { queues, logger, stopped, begin } = options;
  for (let pauseMs = firstPauseMs; !stopped.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await transport.connect(queues);
      await begin();
      return true;
    } catch (error) {
      logger.warn(`${transport.name} is not to be reached, trying again`, {
        error: (error as Error).message,
      });
      await pause(pauseMs, stopped);
    }
  }
  return false;
}

async function pause(ms: number, stopped: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: stopped });
  } catch (error) {
    // Cut short: the caller looks whether it is stopped.
    if (!stopped.aborted) throw error;
  }
}

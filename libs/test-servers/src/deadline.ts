import { setTimeout as delay } from 'node:timers/promises';

/** How long to go on asking, and how often. Both in milliseconds. */
export interface Patience {
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

/**
 * Asks until the answer is true. A question that throws counts as "not yet"; its last error is the cause of the
 * error that ends the wait. `everyMs` is 50 unless told.
 */
export async function waitUntil(
  what: string,
  ask: () => Promise<boolean>,
  patience: Patience,
): Promise<void> {
  const deadline = Date.now() + patience.timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      if (await ask()) return;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline) throw new Error(`${what}: not within ${patience.timeoutMs} ms`, { cause });
    await delay(patience.everyMs ?? 50);
  }
}

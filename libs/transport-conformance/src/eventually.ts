import { setTimeout as pause } from 'node:timers/promises';

const pollMs = 20;

/** Tries the assertion until it passes. Throws its last error once `timeoutMs` are over. */
export async function eventually<T>(assertion: () => T | Promise<T>, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(pollMs);
  }
}

/** Throws as soon as the assertion fails within `forMs`: for what must not happen. */
export async function holds(assertion: () => void, forMs: number): Promise<void> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    assertion();
    await pause(pollMs);
  }
  assertion();
}

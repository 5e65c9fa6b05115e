import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves once the condition holds; rejects when it does not within `limitMs`. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`the condition did not hold within ${limitMs} ms`);
    await sleep(20);
  }
}

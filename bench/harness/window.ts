import { setTimeout as sleep } from 'node:timers/promises';

/** Does something so many times, at most `width` of them at once. */
export async function inWindow(
  count: number,
  width: number,
  act: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}

/** Begins something so many times a second, whether what began before has ended or not, as requests come; resolves when all have ended. */
export async function atRate<T>(
  count: number,
  perSecond: number,
  act: (index: number) => Promise<T>,
): Promise<T[]> {
  const began = performance.now();
  const begun: Promise<T>[] = [];
  while (begun.length < count) {
    const due = Math.floor(((performance.now() - began) / 1_000) * perSecond) + 1;
    while (begun.length < Math.min(due, count)) begun.push(act(begun.length));
    await sleep(1);
  }
  return Promise.all(begun);
}

export interface Looks {
  /** Default: 20. */
  readonly everyMs?: number;
  /** How rarely it looks while much is left; the nearer the end seems, the more often. Default: as often as ever. */
  readonly rarelyMs?: number;
  /** How long nothing may be done. Default: a minute. */
  readonly patienceMs?: number;
}

/** Looks every few milliseconds until enough is done; says how long that took, in milliseconds. */
export async function untilDone(
  total: number,
  done: () => Promise<number>,
  { everyMs = 20, rarelyMs = everyMs, patienceMs = 60_000 }: Looks = {},
): Promise<number> {
  const began = performance.now();
  let [most, movedAt] = [-1, began];
  for (;;) {
    const seen = await done();
    if (seen >= total) return performance.now() - began;
    if (seen > most) [most, movedAt] = [seen, performance.now()];
    if (performance.now() - movedAt > patienceMs)
      throw new Error(`${seen} of ${total} are done, and none more for ${patienceMs} ms`);
    const leftMs = ((performance.now() - began) / Math.max(seen, 0)) * (total - seen);
    await sleep(Math.max(everyMs, Math.min(rarelyMs, leftMs / 2)));
  }
}

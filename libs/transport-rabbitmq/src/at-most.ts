import { pause } from '@heavylift/core';

/** Resolves once `work` has ended, well or not, and after `ms` at the latest. For the last step of a close. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const given = new AbortController();
  const ended = work.then(
    () => given.abort(),
    () => given.abort(),
  );
  await Promise.race([ended, pause(ms, given.signal)]);
}

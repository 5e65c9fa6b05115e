import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void;

/**
 * Collects all garbage now, and gives what becomes free back to the system. After a start: loading modules leaves tens of megabytes, which V8 would otherwise keep
 * for as long as there is room.
 */
export function tidyHeap(): void {
  // Not taken back: flags are those of all threads, of which another may be at the same.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  collect({ type: 'major', flavor: 'last-resort' });
}

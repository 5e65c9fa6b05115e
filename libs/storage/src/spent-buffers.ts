import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The most bytes in buffers that nobody needs any more. */
const mostBytes = 4 * 1024 ** 2;

let spentBytes = 0;
let collect: NodeJS.GCFunction | undefined;

/**
 * To be told of the bytes that stream through this process, so that it stays small however large the files are. V8 sees of a buffer little more
 * than its handle, and left alone it lets 64 MiB of spent ones pile up; asked in time, it frees them in a millisecond.
 */
export function bytesStreamed(count: number): void {
  spentBytes += count;
  if (spentBytes < mostBytes) return;
  spentBytes = 0;
  collect ??= exposeCollect();
  // Spent buffers are young, and young is all that is looked at.
  collect({ type: 'minor' });
}

/** Also without `node --expose-gc`: a context that is made while the flag is set has it. */
function exposeCollect(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  setFlagsFromString('--no-expose-gc');
  return gc;
}

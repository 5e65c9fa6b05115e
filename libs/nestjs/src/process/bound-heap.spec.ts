import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

/** Makes garbage of which much lives for a while, and tells how large the place for new objects became. In a process of its own: V8's flags are the process's. */
const script = (bounded: boolean): string => `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { setImmediate as turn } from 'node:timers/promises';
  import { boundHeap } from '${new URL('./bound-heap.ts', import.meta.url).href}';
  if (${bounded}) boundHeap();
  let [most, living] = [0, []];
  for (let i = 0; i < 60; i++) {
    for (let n = 0; n < 100_000; n++) living.push({ n });
    if (i % 3 === 2) living = [];
    most = Math.max(most, getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
    await turn();
  }
  console.log(most / 1024 ** 2);
`;

async function mostYoungMiB(bounded: boolean): Promise<number> {
  const args = ['--max-semi-space-size=64', '--input-type=module', '--eval', script(bounded)];
  const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
  return Number(stdout);
}

describe('a bounded heap', () => {
  it('leaves new objects a small place, where V8 would take a large one', async () => {
    expect(await mostYoungMiB(false)).toBeGreaterThanOrEqual(64);
    // Half a step more than the bound: the collection that reaches it is told of only after it, and V8 may have begun the next.
    expect(await mostYoungMiB(true)).toBeLessThanOrEqual(48);
  });
});

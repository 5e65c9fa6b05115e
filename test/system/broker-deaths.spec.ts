import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import { BreakableSystem, heldShort } from '../support/breakable-system.js';
import { allSucceededOnce, outcomesOf, tally } from '../support/outcomes.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenServers } from '../support/system.js';

const limitMs = 900_000;
const finishMs = 400_000;
/** RabbitMQ loses a quorum queue that is younger than this when it is killed. */
const youngQueueMs = 2_000;
const jobs = 500;
/** Posted while the broker is away. */
const flood = 2_000;
/** After the first. `npm run test:long` has twenty in all. */
const deaths = process.env.TEST_LENGTH === 'long' ? 19 : 5;
const backWithinMs = 10_000;
const growthMiB = 96;
/** Each process has up to two connections; after the first tries, none asks more often than twice in a second on average. */
const triesASecond = 8;

describeSideBySide(chosenServers, 'the death of %s, by kill -9', (broker, { beforeAll, afterAll, it }) => {
  let system: BreakableSystem;

  beforeAll(async () => {
    system = await BreakableSystem.start(broker, { env: heldShort });
    await system.ready();
    await system.post(20);
    await system.api.allFinished(finishMs);
    await pause(youngQueueMs);
  }, limitMs);
  afterAll(() => system?.stop(), limitMs);

  it(
    `in the midst of ${jobs} jobs loses none of them, and none of ${flood} that are posted meanwhile; nobody storms it`,
    async () => {
      const loaded = await system.postBatch(jobs);
      const underWay = async (): Promise<boolean> => (await system.api.count('succeeded')) >= 60;
      await waitUntil('jobs under way', underWay, { timeoutMs: finishMs });
      await system.server.kill();
      const meanwhile = await system.post(20);
      expect(await system.complaintOf('gateway', 'broker')).toMatch(
        /not connected|no messages|jobs wait|did not answer/,
      );
      const { status, body } = await system.readinessOf('gateway');
      expect([status, body.status]).toEqual([200, 'degraded']);
      expect((await system.readinessOf('worker')).status).toBe(503);
      const before = system.memoryMiB;
      const flooded: string[] = [];
      while (flooded.length < flood) flooded.push(...(await system.postBatch(1_000)));
      const seconds = 4;
      expect(await triesAt(system.server.url, seconds)).toBeLessThanOrEqual(seconds * triesASecond);
      expectNoGrowth(before, system.memoryMiB);
      await system.server.start();
      await system.api.allFinished(finishMs);
      expect(tally(await outcomesOf(system.api, [...loaded, ...meanwhile]))).toEqual(
        allSucceededOnce(jobs + 20),
      );
      const succeeded = await system.api.idsOf('succeeded');
      expect(flooded.filter((id) => !succeeded.has(id))).toEqual([]);
      expectNoGrowth(before, system.memoryMiB);
      await system.ready();
    },
    limitMs,
  );

  it(
    `${deaths} times more, in a row: jobs run again within ${backWithinMs / 1_000} s each time, and nothing is left of it`,
    async () => {
      const before = system.memoryMiB;
      const posted: string[] = [];
      const backAfterMs: number[] = [];
      for (let death = 1; death <= deaths; death++) {
        await system.server.kill();
        const [waiting] = await system.post(1);
        await system.server.start();
        const up = Date.now();
        const [fresh] = await system.post(1);
        for (const id of [waiting!, fresh!]) await system.api.finished(id, finishMs);
        backAfterMs.push(Date.now() - up);
        posted.push(waiting!, fresh!);
      }
      console.info(`${broker}: ms from a broker that is up to jobs that are done`, backAfterMs);
      // One may meet a moment in which the machine has other things to do.
      expect(backAfterMs.filter((ms) => ms > backWithinMs).length).toBeLessThanOrEqual(1);
      expect(tally(await outcomesOf(system.api, posted))).toEqual(allSucceededOnce(posted.length));
      expectNoGrowth(before, system.memoryMiB);
      expect(system.scandals).toEqual([]);
      await system.ready();
    },
    limitMs,
  );
});

type Memory = BreakableSystem['memoryMiB'];

function expectNoGrowth(before: Memory, after: Memory): void {
  console.info('MiB of each process', { before, after });
  for (const one of ['gateway', 'worker'] as const)
    expect([one, after[one] - before[one] < growthMiB]).toEqual([one, true]);
}

/** How often somebody connects to where the dead broker was, which hangs up at once. */
async function triesAt(url: string, seconds: number): Promise<number> {
  let tries = 0;
  const server = createServer((socket) => {
    tries++;
    socket.on('error', () => {}).destroy();
  });
  server.listen(Number(new URL(url).port), '127.0.0.1');
  await once(server, 'listening');
  await pause(seconds * 1_000);
  server.close();
  return tries;
}

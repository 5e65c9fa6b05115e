import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import { BreakableSystem, heldShort } from '../support/breakable-system.js';
import { natsWithLittleRoom, type Operator, operatorOf } from '../support/broker-operator.js';
import { allSucceededOnce, outcomesOf, tally } from '../support/outcomes.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenServers } from '../support/system.js';

const limitMs = 400_000;
const finishMs = 180_000;
/** So many that some wait still when the tools of the broker, of which each call takes seconds on a busy machine, have done their work. */
const loaded = 800;
/** Posted while the broker takes nothing, one after the other, and each to be answered within a second or two. */
const posted = 40;
const slowestPostMs = 5_000;
const growthMiB = 64;

describeSideBySide(chosenServers, 'the operator of %s', (broker, { beforeAll, afterAll, it }) => {
  let system: BreakableSystem;
  let operator: Operator;

  beforeAll(async () => {
    system = await BreakableSystem.start(broker, { env: heldShort, nats: natsWithLittleRoom });
    operator = operatorOf(broker, system);
    await system.ready();
  }, limitMs);
  afterAll(() => system?.stop(), limitMs);

  async function expectAllSucceededOnce(ids: readonly string[]): Promise<void> {
    await system.api.allFinished(finishMs);
    expect(tally(await outcomesOf(system.api, ids))).toEqual(allSucceededOnce(ids.length));
  }

  it(
    'closes all connections in the midst of work, twice: nothing is lost, and work goes on by itself',
    async () => {
      const ids: string[] = [];
      for (let time = 1; time <= 2; time++) {
        const before = (await system.api.idsOf('succeeded')).size;
        ids.push(...(await system.postBatch(loaded)));
        const underWay = async (): Promise<boolean> =>
          (await system.api.idsOf('succeeded')).size >= before + 20;
        await waitUntil('jobs under way', underWay, { timeoutMs: finishMs });
        await operator.closeAllConnections();
        expect(await system.api.count('queued')).toBeGreaterThan(0);
        ids.push(...(await system.post(10)));
      }
      await expectAllSucceededOnce(ids);
      await system.ready();
    },
    limitMs,
  );

  it(
    'leaves the broker without room: posts are taken all the same, the gateway says why they wait, and all is done later',
    async () => {
      const inHand = await system.postBatch(100);
      await operator.takeAwayRoom();
      const before = system.memoryMiB;
      const waiting: string[] = [];
      let slowestMs = 0;
      for (let i = 0; i < posted; i++) {
        const began = performance.now();
        waiting.push(...(await system.post(1)));
        slowestMs = Math.max(slowestMs, performance.now() - began);
      }
      expect(slowestMs).toBeLessThan(slowestPostMs);
      const why = broker === 'rabbitmq' ? /blocked.*memory/ : /jobs wait: .*(resources|maximum|exceeded)/;
      expect(await system.complaintOf('gateway', 'broker')).toMatch(why);
      const { status, body } = await system.readinessOf('gateway');
      expect([status, body.status]).toEqual([200, 'degraded']);
      const succeeded = await system.api.idsOf('succeeded');
      // One may have met a gap: RabbitMQ takes a connection's first message before it blocks it.
      expect(waiting.filter((id) => succeeded.has(id)).length).toBeLessThan(posted / 2);
      // Longer than any single try to publish.
      await pause(12_000);
      for (const one of ['gateway', 'worker'] as const)
        expect([one, system.memoryMiB[one] - before[one] < growthMiB]).toEqual([one, true]);
      await operator.giveRoom();
      await expectAllSucceededOnce([...inHand, ...waiting]);
      await system.ready();
    },
    limitMs,
  );

  it(
    'spoils a queue: the worker says that it takes nothing from it, and takes from it again once that is over',
    async () => {
      await operator.spoilQueue('image.resize');
      expect(await system.complaintOf('worker', 'worker')).toMatch(/image[._]resize/);
      expect((await system.readinessOf('worker')).status).toBe(503);
      await operator.removeSpoiledQueue('image.resize');
      await system.ready();
      await expectAllSucceededOnce(await system.post(5));
      expect(system.scandals).toEqual([]);
    },
    limitMs,
  );
});

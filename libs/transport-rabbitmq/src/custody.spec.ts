import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Transport } from '@heavylift/core';
import { complete, CustodyRig, kinds, leaseRenewMs, passes, slowRenewMs, until } from './custody.fixtures.js';

const severalRoundsMs = 5 * leaseRenewMs;

let rig: CustodyRig;

beforeAll(async () => {
  rig = await CustodyRig.start();
}, 60_000);

afterAll(() => rig.server.stop(), 30_000);

beforeEach(() => rig.beginCase());

afterEach(() => rig.endCase(), 30_000);

describe('custody of jobs that run long', () => {
  it('outlives the time limit of the broker, which ends all that is held without', async () => {
    const held = kinds.map(() => rig.holding());
    const workers: Transport[] = [];
    const queues: string[] = [];
    for (const [n, recorder] of held.entries()) {
      if (n > 0) rig.queue = `${rig.queue}.more`;
      queues.push(rig.queue);
      // Two workers each: what one loses, the other would show.
      for (const transport of [await rig.client(4_000), await rig.client(4_000)]) {
        await transport.consume(rig.tiers(kinds[n]!), 2, recorder.process);
        workers.push(transport);
      }
      await rig.send(workers.at(-1)!, 2);
    }
    rig.queue = `${rig.queue}.without`;
    const without = await rig.client(600_000);
    const ended = rig.recorder(async ({ lost }) => {
      if (ended.deliveries.length === 1)
        await new Promise((resolve) => lost.addEventListener('abort', resolve));
      return complete;
    });
    await without.consume([[rig.queue]], 1, ended.process);
    await rig.send(without, 1);
    await passes(90_000);
    expect(ended.lost).toBe(1);
    for (const recorder of held) {
      expect(recorder.deliveries).toHaveLength(2);
      expect(recorder.lost).toBe(0);
      recorder.open();
    }
    await until('they are done', () => held.every(({ done }) => done === 2));
    rig.queue = queues[0]!;
    await rig.untilEmpty();
    expect(await rig.timeLimitsHit()).toBeLessThanOrEqual(1);
    for (const { deliveries } of held) expect(deliveries).toHaveLength(2);
  }, 150_000);

  it.each(kinds)('ends cleanly with %s', async (kind) => {
    const transport = await rig.client();
    const recorder = rig.holding();
    const consumption = await transport.consume(rig.tiers(kind), 2, recorder.process);
    await rig.send(transport, 1);
    await rig.untilInCustody(1);
    await passes(severalRoundsMs);
    recorder.open();
    await until('it is done', () => recorder.done === 1);
    await rig.untilEmpty();
    await consumption.stop();
    expect(await rig.custody()).toEqual([]);
    await passes(4_000);
    expect(await rig.contents()).toMatchObject({ [rig.queue]: 0, [`${rig.queue}.dead`]: 0 });
    expect(recorder.messages).toMatchObject([{ attempt: 1, suspected: 0, release: 0 }]);
  });

  it.each([
    [
      { kind: 'retry', delayMs: 0 },
      { attempt: 2, suspected: 0, release: 0 },
    ],
    [{ kind: 'release' }, { attempt: 1, suspected: 0, release: 1 }],
    [
      { kind: 'release', delayMs: 200 },
      { attempt: 1, suspected: 0, release: 1 },
    ],
  ] as const)('lets a job go on after %j', async (settlement, expected) => {
    const transport = await rig.client();
    const recorder = rig.holding(settlement);
    await transport.consume(rig.tiers('three queues'), 1, recorder.process);
    await rig.send(transport, 1);
    await rig.untilInCustody(1);
    recorder.open();
    await until('it came again', () => recorder.done === 2);
    expect(recorder.messages[1]).toEqual({ ...recorder.messages[0], ...expected });
    await rig.untilEmpty();
    expect(recorder.deliveries).toHaveLength(2);
  });

  it('lets a job die', async () => {
    const transport = await rig.client();
    const recorder = rig.holding({ kind: 'deadLetter', reason: 'payload.invalid' });
    await transport.consume(rig.tiers('three queues'), 1, recorder.process);
    const [id] = await rig.send(transport, 1);
    await rig.untilInCustody(1);
    recorder.open();
    await until('it is dead', async () => (await transport.inspect(rig.queue)).deadLettered === 1);
    const [letter] = await transport.deadLetters(rig.queue, 10);
    expect(letter).toMatchObject({
      reason: 'payload.invalid',
      message: { id, queue: rig.queue, attempt: 1 },
    });
    await until('nothing is left in custody', async () => (await rig.custody())[0] === 0);
  });

  it.each(kinds)(
    "passes a dead worker's job on, as suspected, with %s",
    async (kind) => {
      const [dying, staying] = [await rig.client(slowRenewMs), await rig.client()];
      const held = rig.holding();
      await dying.consume(rig.tiers(kind), 1, held.process);
      const [id] = await rig.send(staying, 1);
      await rig.untilInCustody(1);
      const taken = rig.recorder(async () => complete);
      await staying.consume(rig.tiers(kind), 2, taken.process);
      await rig.cut(dying);
      await until('another has it', () => taken.done === 1);
      expect(taken.messages).toEqual([{ ...held.messages[0], id, suspected: 1 }]);
      await until('its holder knows', () => held.lost === 1);
      await rig.untilEmpty();
      held.open();
      await passes(4_000);
      expect(taken.deliveries).toHaveLength(1);
    },
    30_000,
  );

  it('gives its job up when the connection drops, and gets it again', async () => {
    const transport = await rig.client(slowRenewMs);
    const recorder = rig.holding();
    await transport.consume(rig.tiers('three queues'), 2, recorder.process);
    await rig.send(transport, 1);
    await rig.untilInCustody(1);
    await rig.server.ctl('close_all_connections', 'dropped by the test');
    await until('it came again', () => recorder.done === 1, 20_000);
    expect(recorder.lost).toBe(1);
    expect(recorder.messages).toMatchObject([{ suspected: 0 }, { attempt: 1, suspected: 1 }]);
    recorder.open();
    await rig.untilEmpty();
    expect(recorder.deliveries).toHaveLength(2);
  }, 40_000);

  it("survives the broker's end", async () => {
    const [dying, staying] = [await rig.client(slowRenewMs), await rig.client()];
    const held = rig.holding();
    await dying.consume(rig.tiers('three queues'), 1, held.process);
    const [id] = await rig.send(dying, 1);
    await rig.untilInCustody(1);
    // A younger queue would be lost by a broker that is killed.
    await passes(2_000);
    await rig.server.kill();
    await rig.cut(dying);
    await rig.server.start();
    await rig.tellFreshCounts();
    const taken = rig.recorder(async () => complete);
    await staying.consume(rig.tiers('three queues'), 1, taken.process);
    await until('another has it', () => taken.done === 1, 30_000);
    expect(taken.messages[0]).toMatchObject({ id, attempt: 1, suspected: 1 });
    await rig.untilEmpty();
  }, 90_000);

  it('keeps the older delivery while the broker takes no messages', async () => {
    const transport = await rig.client();
    const recorder = rig.holding();
    await transport.consume([[rig.queue]], 1, recorder.process);
    await rig.send(transport, 1);
    await rig.untilInCustody(1);
    await rig.server.ctl('set_vm_memory_high_watermark', '0.000001');
    await until('it has failed', () =>
      transport.check().then(
        () => false,
        () => true,
      ),
    );
    await passes(12_000);
    await rig.server.ctl('set_vm_memory_high_watermark', '0.6');
    await until(
      'it works again',
      () =>
        transport.check().then(
          () => true,
          () => false,
        ),
      20_000,
    );
    await passes(severalRoundsMs);
    expect(recorder.lost).toBe(0);
    recorder.open();
    await until('it is done', () => recorder.done === 1);
    await rig.untilEmpty();
    expect(recorder.deliveries).toHaveLength(1);
  }, 60_000);

  it.each(kinds)('holds fifty at once of %s', async (kind) => {
    const transport = await rig.client();
    const recorder = rig.holding();
    await transport.consume(rig.tiers(kind), 50, recorder.process);
    const ids = await rig.send(transport, 60);
    await until('fifty run', () => recorder.running === 50);
    await passes(2_000 + severalRoundsMs);
    expect(await transport.inspect(rig.queue)).toMatchObject({ ready: 10 });
    await rig.untilInCustody(50, 10);
    expect(recorder.deliveries).toHaveLength(50);
    recorder.open();
    await until('all are done', () => recorder.done === 60);
    expect(new Set(recorder.messages.map(({ id }) => id))).toEqual(new Set(ids));
    expect(recorder.messages.every(({ release, suspected }) => release + suspected === 0)).toBe(true);
    expect([recorder.peak, recorder.lost]).toEqual([50, 0]);
    await rig.untilEmpty();
  });

  it.each(kinds)('takes short jobs beside a long one, from %s, one per free slot', async (kind) => {
    const transport = await rig.client();
    const recorder = rig.recorder(async (_, opened) => {
      if (recorder.deliveries.length === 1) await opened;
      else await passes(20);
      return complete;
    });
    await transport.consume(rig.tiers(kind), 2, recorder.process);
    await rig.send(transport, 1);
    await rig.untilInCustody(1);
    for (let round = 1; round <= 3; round++) {
      await rig.send(transport, 20);
      await until('the short ones are done', () => recorder.done === 20 * round);
      await passes(leaseRenewMs);
    }
    expect(recorder.peak).toBe(2);
    recorder.open();
    await until('the long one is done', () => recorder.done === 61);
    await rig.send(transport, 20);
    await until('the others are done', () => recorder.done === 81);
    expect(recorder.messages.every(({ suspected }) => suspected === 0)).toBe(true);
    // What comes on several queues at once, and finds no slot, is given back.
    if (kind === 'one queue') expect(recorder.messages.every(({ release }) => release === 0)).toBe(true);
    expect(recorder.deliveries).toHaveLength(81);
    await rig.untilEmpty();
  });

  it('goes on while a stopped consumption waits for its jobs', async () => {
    const transport = await rig.client();
    const recorder = rig.holding();
    const consumption = await transport.consume([[rig.queue]], 3, recorder.process);
    await rig.send(transport, 3);
    await rig.untilInCustody(3);
    let stopped = false;
    const stopping = consumption.stop().then(() => (stopped = true));
    await passes(severalRoundsMs);
    await rig.untilInCustody(3);
    expect([stopped, recorder.lost]).toEqual([false, 0]);
    recorder.open();
    await stopping;
    expect(recorder.done).toBe(3);
    expect(await rig.contents()).toEqual(
      Object.fromEntries([...rig.lanes, `${rig.queue}.dead`].map((name) => [name, 0])),
    );
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  complete,
  CustodyRig,
  type Kind,
  kinds,
  leaseRenewMs,
  passes,
  type Recorder,
  slowRenewMs,
  until,
} from './custody.fixtures.js';

const severalRoundsMs = 5 * leaseRenewMs;

/** The time limit of the broker is 15 s. */
const longMs = 45_000;

// `rabbitmqctl`, which tells what is where, takes seconds on a machine that has other things to do.
jest.setTimeout(180_000);

let rig: CustodyRig;
let long: LongJobs;

beforeAll(async () => {
  rig = await CustodyRig.start();
  await rig.lookForOldDeliveriesEvery(2_000);
  long = await LongJobs.start(rig.beside('long'), rig.beside('without'));
}, 120_000);

afterAll(async () => {
  await long.end();
  await rig.server.stop();
}, 60_000);

beforeEach(() => rig.beginCase());

afterEach(() => rig.endCase(), 60_000);

describe('custody of jobs that run long', () => {
  it('ends cleanly', () =>
    withEachKind(async (rig, kind) => {
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
    }));

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

  it("passes a dead worker's job on, as suspected", () =>
    withEachKind(async (rig, kind) => {
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
    }));

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

  it('outlives the time limit of the broker, which ends all that is held without', async () => {
    await long.old();
    expect(long.endedWithout).toBe(1);
    for (const { deliveries, lost } of long.held) expect([deliveries.length, lost]).toEqual([2, 0]);
    await long.finish();
    expect(await rig.timeLimitsHit()).toBeLessThanOrEqual(1);
    for (const { deliveries } of long.held) expect(deliveries).toHaveLength(2);
    await rig.lookForOldDeliveriesEvery(60_000);
  });

  it('gives its job up when the connection drops, and gets it again', async () => {
    const transport = await rig.client(slowRenewMs);
    const recorder = rig.holding();
    await transport.consume(rig.tiers('three queues'), 2, recorder.process);
    await rig.send(transport, 1);
    await rig.untilInCustody(1);
    await rig.server.ctl('close_all_connections', 'dropped by the test');
    await until('it came again', () => recorder.done === 1);
    expect(recorder.lost).toBe(1);
    expect(recorder.messages).toMatchObject([{ suspected: 0 }, { attempt: 1, suspected: 1 }]);
    recorder.open();
    await rig.untilEmpty();
    expect(recorder.deliveries).toHaveLength(2);
  });

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
    await until('another has it', () => taken.done === 1);
    expect(taken.messages[0]).toMatchObject({ id, attempt: 1, suspected: 1 });
    await rig.untilEmpty();
  });

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
    await until('it works again', () =>
      transport.check().then(
        () => true,
        () => false,
      ),
    );
    await passes(severalRoundsMs);
    expect(recorder.lost).toBe(0);
    recorder.open();
    await until('it is done', () => recorder.done === 1);
    await rig.untilEmpty();
    expect(recorder.deliveries).toHaveLength(1);
  });
});

/** The same with one queue and with several, at the same time. */
async function withEachKind(work: (rig: CustodyRig, kind: Kind) => Promise<void>): Promise<void> {
  const rigs = kinds.map((_, n) => rig.beside(`${rig.caseName}-${n}`));
  try {
    await Promise.all(kinds.map((kind, n) => work(rigs[n]!, kind)));
  } finally {
    await Promise.all(rigs.map((each) => each.endCase()));
  }
}

/** Jobs that run beside the other cases, of one queue and of several, with two workers each: what one loses, the other would show. */
class LongJobs {
  readonly held: Recorder[] = [];
  readonly #without: Recorder;
  readonly #oldAt = Date.now() + longMs;

  private constructor(
    private readonly rigs: readonly CustodyRig[],
    without: CustodyRig,
  ) {
    this.#without = without.recorder(async ({ lost }) => {
      if (this.#without.deliveries.length === 1)
        await new Promise((resolve) => lost.addEventListener('abort', resolve));
      return complete;
    });
  }

  static async start(rig: CustodyRig, without: CustodyRig): Promise<LongJobs> {
    const rigs = kinds.map((_, n) => (n === 0 ? rig : rig.beside(`long${n}`)));
    const jobs = new LongJobs([...rigs, without], without);
    await Promise.all(kinds.map((kind, n) => jobs.#hold(rigs[n]!, kind)));
    const worker = await without.client(600_000);
    await worker.consume([[without.queue]], 1, jobs.#without.process);
    await without.send(worker, 1);
    return jobs;
  }

  /** How many were taken from a worker that did not renew its hold. */
  get endedWithout(): number {
    return this.#without.lost;
  }

  /** Resolves once they have run for three times the limit. */
  old(): Promise<void> {
    return passes(Math.max(0, this.#oldAt - Date.now()));
  }

  async finish(): Promise<void> {
    for (const recorder of this.held) recorder.open();
    await until('they are done', () => this.held.every(({ done }) => done === 2));
    await Promise.all(this.rigs.map((rig) => rig.untilEmpty()));
    await this.end();
  }

  async end(): Promise<void> {
    await Promise.all(this.rigs.map((rig) => rig.endCase()));
  }

  async #hold(rig: CustodyRig, kind: Kind): Promise<void> {
    const recorder = rig.holding();
    this.held.push(recorder);
    const workers = [await rig.client(4_000), await rig.client(4_000)];
    for (const worker of workers) await worker.consume(rig.tiers(kind), 2, recorder.process);
    await rig.send(workers[0]!, 2);
  }
}

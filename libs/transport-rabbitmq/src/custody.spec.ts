import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Delivery, JobMessage, Process, Settlement, Transport } from '@heavylift/core';
import { type RabbitmqServer, startRabbitmq, waitUntil } from '@heavylift/test-servers';
import { type CuttableProxy, openCuttableProxy } from '@heavylift/transport-conformance';
import { createRabbitmqTransport } from './index.js';

const leaseRenewMs = 200;
/** So long that a worker can be ended between two rounds: amid one, its job would be in two places. */
const slowRenewMs = 5_000;
/** Time for several rounds. */
const severalRoundsMs = 5 * leaseRenewMs;
const complete: Settlement = { kind: 'complete' };

let server: RabbitmqServer;
let queue: string;
let cases = 0;
let jobs = 0;
const clients: Transport[] = [];
const proxies = new Map<Transport, CuttableProxy>();
const recorders: Recorder[] = [];

beforeAll(async () => {
  server = await startRabbitmq({ config: ['consumer_timeout = 15000'] });
  await tellFreshCounts();
}, 60_000);

afterAll(() => server.stop(), 30_000);

beforeEach(() => {
  queue = `custody.case${++cases}`;
});

afterEach(async () => {
  for (const recorder of recorders.splice(0)) recorder.open();
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all([...proxies.values()].map((proxy) => proxy.cut()));
}, 30_000);

/** How old the counts of a new queue may be that the broker tells: 5 s is the default. */
async function tellFreshCounts(): Promise<void> {
  await server.ctl('eval', 'application:set_env(rabbit, quorum_tick_interval, 100).');
}

async function client(renewMs = leaseRenewMs): Promise<Transport> {
  const { username, password, port } = new URL(server.url);
  const proxy = await openCuttableProxy(Number(port));
  const url = `amqp://${username}:${password}@127.0.0.1:${proxy.port}`;
  const transport = createRabbitmqTransport({ url, clientName: queue, leaseRenewMs: renewMs });
  clients.push(transport);
  proxies.set(transport, proxy);
  await transport.connect(lanes().map((name) => ({ name, deadLetters: queue })));
  return transport;
}

function lanes(): string[] {
  return [`${queue}.high`, queue, `${queue}.low`];
}

/** One queue, and several: what frees a slot differs. */
const tiersOf = {
  'one queue': () => [[queue]],
  'three queues': () => lanes().map((name) => [name]),
};

async function send(transport: Transport, count: number): Promise<string[]> {
  const messages = Array.from({ length: count }, (): JobMessage => {
    const facts = { queue, type: 'heavylift.job.custody.spec.v1', attempt: 1, suspected: 0, release: 0 };
    return { id: `job-${++jobs}`, ...facts, headers: { note: 'schön' }, body: Buffer.from('{"n":1}') };
  });
  await Promise.all(messages.map((message) => transport.send(message)));
  return messages.map(({ id }) => id);
}

class Recorder {
  readonly deliveries: Delivery[] = [];
  running = 0;
  peak = 0;
  done = 0;
  readonly process: Process;
  #open: () => void = () => {};
  readonly opened = new Promise<void>((resolve) => (this.#open = resolve));

  /** Opened at the end of the case at the latest. */
  constructor(settle: (delivery: Delivery, opened: Promise<void>) => Promise<Settlement>) {
    recorders.push(this);
    this.process = async (delivery) => {
      this.deliveries.push(delivery);
      this.peak = Math.max(this.peak, ++this.running);
      const settlement = await settle(delivery, this.opened);
      this.running--;
      this.done++;
      return settlement;
    };
  }

  open(): void {
    this.#open();
  }

  get messages(): JobMessage[] {
    return this.deliveries.map(({ message }) => message);
  }

  get lost(): number {
    return this.deliveries.filter((delivery) => delivery.lost.aborted).length;
  }
}

/** Ends the first delivery of each job when it is opened, and those after it at once. */
function holding(settlement: Settlement = complete): Recorder {
  const seen = new Set<string>();
  return new Recorder(async ({ message }, opened) => {
    if (seen.has(message.id)) return complete;
    seen.add(message.id);
    await opened;
    return settlement;
  });
}

function until(what: string, ask: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  return waitUntil(what, async () => ask(), { timeoutMs, everyMs: 20 });
}

function passes(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Messages by queue, of this case. */
async function contents(): Promise<Record<string, number>> {
  const rows = (await server.ctl('list_queues', 'name', 'messages', '--no-table-headers')).trim().split('\n');
  const counts = rows
    .map((row) => row.split('\t'))
    .map(([name = '', count]) => [name, Number(count)] as const);
  return Object.fromEntries(counts.filter(([name]) => name.includes(queue)));
}

function custodyQueues(counts: Record<string, number>): number[] {
  return Object.keys(counts).flatMap((name) =>
    name.startsWith('heavylift.custody.') ? [counts[name]!] : [],
  );
}

/** The jobs are held by their custody queue alone. */
async function untilInCustody(count: number, waiting = 0): Promise<void> {
  const held = async (): Promise<boolean> => {
    const counts = await contents();
    return counts[queue] === waiting && custodyQueues(counts)[0] === count;
  };
  await until(`${count} in custody`, held, 20_000);
}

/** By the broker's log; none where it is not a file. */
async function timeLimitsHit(): Promise<number> {
  const found =
    '[binary:matches(Log, <<"precondition_failed">>) || File <- rabbit:log_locations(), {ok, Log} <- [file:read_file(File)]]';
  return Number(await server.ctl('eval', `length(lists:append(${found})).`));
}

async function untilEmpty(): Promise<void> {
  await until('all queues are empty', async () => {
    const counts = await contents();
    return Object.values(counts).every((count) => count === 0);
  });
}

describe('custody of jobs that run long', () => {
  it('outlives the time limit of the broker, which ends all that is held without', async () => {
    const tiers = Object.values(tiersOf);
    const held = tiers.map(() => holding());
    const workers: Transport[] = [];
    const queues: string[] = [];
    for (const [n, recorder] of held.entries()) {
      if (n > 0) queue = `${queue}.more`;
      queues.push(queue);
      // Two workers each: what one loses, the other would show.
      for (const transport of [await client(4_000), await client(4_000)]) {
        await transport.consume(tiers[n]!(), 2, recorder.process);
        workers.push(transport);
      }
      await send(workers.at(-1)!, 2);
    }
    queue = `${queue}.without`;
    const without = await client(600_000);
    const ended = new Recorder(async ({ lost }) => {
      if (ended.deliveries.length === 1)
        await new Promise((resolve) => lost.addEventListener('abort', resolve));
      return complete;
    });
    await without.consume([[queue]], 1, ended.process);
    await send(without, 1);
    await passes(90_000);
    expect(ended.lost).toBe(1);
    for (const recorder of held) {
      expect(recorder.deliveries).toHaveLength(2);
      expect(recorder.lost).toBe(0);
      recorder.open();
    }
    await until('they are done', () => held.every(({ done }) => done === 2));
    queue = queues[0]!;
    await untilEmpty();
    expect(await timeLimitsHit()).toBeLessThanOrEqual(1);
    for (const { deliveries } of held) expect(deliveries).toHaveLength(2);
  }, 150_000);

  it.each(Object.keys(tiersOf) as (keyof typeof tiersOf)[])('ends cleanly with %s', async (kind) => {
    const transport = await client();
    const recorder = holding();
    const consumption = await transport.consume(tiersOf[kind](), 2, recorder.process);
    await send(transport, 1);
    await untilInCustody(1);
    await passes(severalRoundsMs);
    recorder.open();
    await until('it is done', () => recorder.done === 1);
    await untilEmpty();
    await consumption.stop();
    expect(custodyQueues(await contents())).toEqual([]);
    await passes(4_000);
    expect(await contents()).toMatchObject({ [queue]: 0, [`${queue}.dead`]: 0 });
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
    const transport = await client();
    const recorder = holding(settlement);
    await transport.consume(tiersOf['three queues'](), 1, recorder.process);
    await send(transport, 1);
    await untilInCustody(1);
    recorder.open();
    await until('it came again', () => recorder.done === 2);
    expect(recorder.messages[1]).toEqual({ ...recorder.messages[0], ...expected });
    await untilEmpty();
    expect(recorder.deliveries).toHaveLength(2);
  });

  it('lets a job die', async () => {
    const transport = await client();
    const recorder = holding({ kind: 'deadLetter', reason: 'payload.invalid' });
    await transport.consume(tiersOf['three queues'](), 1, recorder.process);
    const [id] = await send(transport, 1);
    await untilInCustody(1);
    recorder.open();
    await until('it is dead', async () => (await transport.inspect(queue)).deadLettered === 1);
    const [letter] = await transport.deadLetters(queue, 10);
    expect(letter).toMatchObject({ reason: 'payload.invalid', message: { id, queue, attempt: 1 } });
    await until('nothing is left in custody', async () => custodyQueues(await contents())[0] === 0);
  });

  it.each(Object.keys(tiersOf) as (keyof typeof tiersOf)[])(
    "passes a dead worker's job on, as suspected, with %s",
    async (kind) => {
      const [dying, staying] = [await client(slowRenewMs), await client()];
      const held = holding();
      await dying.consume(tiersOf[kind](), 1, held.process);
      const [id] = await send(staying, 1);
      await untilInCustody(1);
      const taken = new Recorder(async () => complete);
      await staying.consume(tiersOf[kind](), 2, taken.process);
      await proxies.get(dying)!.cut();
      await until('another has it', () => taken.done === 1);
      expect(taken.messages).toEqual([{ ...held.messages[0], id, suspected: 1 }]);
      await until('its holder knows', () => held.lost === 1);
      await untilEmpty();
      held.open();
      await passes(4_000);
      expect(taken.deliveries).toHaveLength(1);
    },
    30_000,
  );

  it('gives its job up when the connection drops, and gets it again', async () => {
    const transport = await client(slowRenewMs);
    const recorder = holding();
    await transport.consume(tiersOf['three queues'](), 2, recorder.process);
    await send(transport, 1);
    await untilInCustody(1);
    await server.ctl('close_all_connections', 'dropped by the test');
    await until('it came again', () => recorder.done === 1, 20_000);
    expect(recorder.lost).toBe(1);
    expect(recorder.messages).toMatchObject([{ suspected: 0 }, { attempt: 1, suspected: 1 }]);
    recorder.open();
    await untilEmpty();
    expect(recorder.deliveries).toHaveLength(2);
  }, 40_000);

  it("survives the broker's end", async () => {
    const [dying, staying] = [await client(slowRenewMs), await client()];
    const held = holding();
    await dying.consume(tiersOf['three queues'](), 1, held.process);
    const [id] = await send(dying, 1);
    await untilInCustody(1);
    // A younger queue would be lost by a broker that is killed.
    await passes(2_000);
    await server.kill();
    await proxies.get(dying)!.cut();
    await server.start();
    await tellFreshCounts();
    const taken = new Recorder(async () => complete);
    await staying.consume(tiersOf['three queues'](), 1, taken.process);
    await until('another has it', () => taken.done === 1, 30_000);
    expect(taken.messages[0]).toMatchObject({ id, attempt: 1, suspected: 1 });
    await untilEmpty();
  }, 90_000);

  it('keeps the older delivery while the broker takes no messages', async () => {
    const transport = await client();
    const recorder = holding();
    await transport.consume([[queue]], 1, recorder.process);
    await send(transport, 1);
    await untilInCustody(1);
    await server.ctl('set_vm_memory_high_watermark', '0.000001');
    await until('it has failed', () =>
      transport.check().then(
        () => false,
        () => true,
      ),
    );
    await passes(12_000);
    await server.ctl('set_vm_memory_high_watermark', '0.6');
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
    await untilEmpty();
    expect(recorder.deliveries).toHaveLength(1);
  }, 60_000);

  it.each(Object.keys(tiersOf) as (keyof typeof tiersOf)[])('holds fifty at once of %s', async (kind) => {
    const transport = await client();
    const recorder = holding();
    await transport.consume(tiersOf[kind](), 50, recorder.process);
    const ids = await send(transport, 60);
    await until('fifty run', () => recorder.running === 50);
    await passes(2_000 + severalRoundsMs);
    expect(await transport.inspect(queue)).toMatchObject({ ready: 10 });
    await untilInCustody(50, 10);
    expect(recorder.deliveries).toHaveLength(50);
    recorder.open();
    await until('all are done', () => recorder.done === 60);
    expect(new Set(recorder.messages.map(({ id }) => id))).toEqual(new Set(ids));
    expect(recorder.messages.every(({ suspected }) => suspected === 0)).toBe(true);
    expect([recorder.peak, recorder.lost]).toEqual([50, 0]);
    await untilEmpty();
  });

  it.each(Object.keys(tiersOf) as (keyof typeof tiersOf)[])(
    'takes short jobs beside a long one, from %s, one per free slot',
    async (kind) => {
      const transport = await client();
      const long = `job-${jobs + 1}`;
      const recorder = new Recorder(async ({ message }, opened) => {
        if (message.id === long) await opened;
        else await passes(20);
        return complete;
      });
      await transport.consume(tiersOf[kind](), 2, recorder.process);
      await send(transport, 1);
      await untilInCustody(1);
      for (let round = 1; round <= 3; round++) {
        await send(transport, 20);
        await until('the short ones are done', () => recorder.done === 20 * round);
        await passes(leaseRenewMs);
      }
      expect(recorder.peak).toBe(2);
      recorder.open();
      await until('the long one is done', () => recorder.done === 61);
      await send(transport, 20);
      await until('the others are done', () => recorder.done === 81);
      expect(recorder.messages.every(({ suspected }) => suspected === 0)).toBe(true);
      expect(recorder.deliveries).toHaveLength(81);
      await untilEmpty();
    },
  );

  it('goes on while a stopped consumption waits for its jobs', async () => {
    const transport = await client();
    const recorder = holding();
    const consumption = await transport.consume([[queue]], 3, recorder.process);
    await send(transport, 3);
    await untilInCustody(3);
    let stopped = false;
    const stopping = consumption.stop().then(() => (stopped = true));
    await passes(severalRoundsMs);
    await untilInCustody(3);
    expect([stopped, recorder.lost]).toEqual([false, 0]);
    recorder.open();
    await stopping;
    expect(recorder.done).toBe(3);
    expect(await contents()).toEqual(
      Object.fromEntries([...lanes(), `${queue}.dead`].map((name) => [name, 0])),
    );
  });
});

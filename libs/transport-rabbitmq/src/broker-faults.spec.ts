import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeadLetter, Delivery, JobMessage, Process, Transport } from '@heavylift/core';
import { freePorts, type RabbitmqServer, startRabbitmq, waitUntil } from '@heavylift/test-servers';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { createRabbitmqTransport } from './index.js';

let server: RabbitmqServer;
let raw: ChannelModel;
let channel: Channel;
let queue: string;
let cases = 0;
const clients: Transport[] = [];

beforeAll(async () => {
  server = await startRabbitmq();
}, 120_000);

afterAll(() => server.stop(), 60_000);

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
}, 60_000);

async function client(url = server.url): Promise<Transport> {
  const transport = createRabbitmqTransport({ url, clientName: 'faults' });
  clients.push(transport);
  await transport.connect([{ name: queue }]);
  return transport;
}

/** A client of another make, on the same broker. */
async function withRaw(work: () => Promise<void>): Promise<void> {
  raw = await connect(server.url, { noDelay: true });
  channel = await raw.createChannel();
  await work();
  await channel.close();
  await raw.close();
}

function message(overrides: Partial<JobMessage> = {}): JobMessage {
  const base = {
    id: 'job-1',
    queue,
    type: 'heavylift.job.faults.spec.v1',
    attempt: 1,
    suspected: 0,
    release: 0,
    headers: {},
  };
  return { ...base, body: Buffer.from('{}'), ...overrides };
}

function until(what: string, ask: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  return waitUntil(what, async () => ask(), { timeoutMs, everyMs: 20 });
}

/** In the words of RabbitMQ's own code: takes the consumers of a quorum queue away without a word to their channels. */
function forgetConsumersOf(name: string): string {
  return `{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"${name}">>)),
    [ra:process_command(amqqueue:get_pid(Q), rabbit_fifo:make_checkout({element(2, C), element(1, C)}, cancel, #{}))
      || C <- rabbit_amqqueue:consumers(Q)].`;
}

function recorder(): { readonly deliveries: Delivery[]; readonly process: Process } {
  const deliveries: Delivery[] = [];
  const process: Process = async (delivery) => {
    deliveries.push(delivery);
    return { kind: 'complete' };
  };
  return { deliveries, process };
}

describe('rabbitmq transport, when things go wrong', () => {
  beforeAll(() => {
    queue = 'faults.none';
  });

  afterEach(() => {
    queue = `faults.case${++cases}`;
  });

  it('survives a message that another program put on the queue', async () => {
    const transport = await client();
    const { deliveries, process } = recorder();
    await transport.consume([[queue]], 1, process);
    await withRaw(async () => {
      const headers = { 'heavylift-attempt': [1], 'heavylift-not-before': 'soon', 'x-delivery-count': 'few' };
      channel.sendToQueue(queue, Buffer.from([0, 255]), { headers, timestamp: 1 });
      channel.sendToQueue(queue, Buffer.alloc(0));
    });
    await until('both are handed on', () => deliveries.length === 2);
    expect(deliveries.map(({ message: { attempt } }) => attempt)).toEqual([1, 1]);
  });

  it('dead-letters a job by the broker that no worker lives to count, and tells of it', async () => {
    const transport = await client();
    const told: DeadLetter[] = [];
    await transport.onGivenUp(async (heard) => {
      if (told.push(heard) === 1) throw new Error('tell me again');
    });
    await transport.send(message());
    await withRaw(async () => {
      await channel.prefetch(1);
      await channel.consume(queue, (received) => received && channel.nack(received, false, true));
      await until('it is dead', async () => (await transport.inspect(queue)).deadLettered === 1, 60_000);
    });
    const [letter] = await transport.deadLetters(queue, 1);
    expect(letter).toMatchObject({ reason: 'worker.lost', message: { id: 'job-1', attempt: 1 } });
    await until('it is told again', () => told.length === 2);
    expect(told).toEqual([letter, letter]);
    expect(Date.now() - Date.parse(letter!.at)).toBeLessThan(60_000);
  });

  it('tells of a job that somebody rejected while nobody listened, and of none that a worker dead-lettered', async () => {
    const transport = await client();
    await transport.send(message());
    await withRaw(async () => {
      const received = await channel.get(queue);
      if (received) channel.nack(received, false, false);
      await until('it is dead', async () => (await transport.inspect(queue)).deadLettered === 1);
    });
    const consumption = await transport.consume([[queue]], 1, async () => ({
      kind: 'deadLetter',
      reason: 'ours',
    }));
    await transport.send(message({ id: 'job-2' }));
    await until('both are dead', async () => (await transport.inspect(queue)).deadLettered === 2);
    await consumption.stop();
    const told: DeadLetter[] = [];
    await transport.onGivenUp(async (heard) => void told.push(heard));
    await transport.send(message({ id: 'job-3' }));
    await withRaw(async () => {
      const received = await channel.get(queue);
      if (received) channel.nack(received, false, false);
      await until('the last is told', () => told.some(({ message: { id } }) => id === 'job-3'));
    });
    expect(told).toMatchObject([
      { reason: 'broker.rejected', message: { id: 'job-1', queue } },
      { reason: 'broker.rejected', message: { id: 'job-3', queue } },
    ]);
  });

  it('declares a queue anew that was deleted under its consumer', async () => {
    const transport = await client();
    const { deliveries, process } = recorder();
    await transport.consume([[queue]], 1, process);
    await transport.send(message());
    await until('the first is handed on', () => deliveries.length === 1);
    await withRaw(async () => {
      await channel.deleteQueue(queue);
    });
    await until('a queue takes it again', () =>
      transport.send(message({ id: 'job-2' })).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'broker.unroutable' });
          return false;
        },
      ),
    );
    await until('the second is handed on', () => deliveries.length === 2);
  });

  it.each([1, 2])(
    'says so, and heals, when the broker forgets the consumers of %p queue(s)',
    async (count) => {
      const transport = await client();
      const queues = Array.from({ length: count }, (_, index) => `${queue}.${index}`);
      await transport.connect(queues.map((name) => ({ name })));
      const { deliveries, process } = recorder();
      const consumption = await transport.consume([queues], 1, process);
      await until('it consumes', () => consumption.check().then(() => true));
      for (const name of queues) await server.ctl('eval', forgetConsumersOf(name));
      await expect(consumption.check()).rejects.toMatchObject({
        message: expect.stringContaining(`has forgotten the consumer of queue "${queue}.`),
      });
      await until('it consumes again', () => consumption.check().then(() => true));
      for (const name of queues) await transport.send(message({ id: name, queue: name }));
      await until('jobs are handed on', () => deliveries.length === count);
    },
  );

  it('says so while its queue is one that it cannot use, and heals', async () => {
    const transport = await client();
    const consumption = await transport.consume([[queue]], 1, recorder().process);
    await withRaw(async () => {
      // Or it might find the other queue in the place of the one that it has just declared.
      await until('it consumes', async () => (await channel.checkQueue(queue)).consumerCount > 0);
      await channel.deleteQueue(queue);
      await channel.assertQueue(queue, { durable: true });
    });
    await until('it says so', () =>
      consumption.check().then(
        () => false,
        (error: Error) => error.message.includes(queue),
      ),
    );
    await withRaw(async () => void (await channel.deleteQueue(queue)));
    await until('it consumes again', () => consumption.check().then(() => true));
  });

  it('takes nothing for a slot where a lost job still runs', async () => {
    const transport = await client();
    const deliveries: Delivery[] = [];
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    await transport.consume([[queue]], 1, async (delivery) => {
      deliveries.push(delivery);
      if (deliveries.length === 1) await ended;
      return { kind: 'complete' };
    });
    await transport.send(message());
    await until('it runs', () => deliveries.length === 1);
    await server.ctl('close_all_connections', 'dropped by the test');
    await until('it is lost', () => deliveries[0]!.lost.aborted);
    await until('it waits again', async () => (await transport.inspect(queue)).ready === 1);
    await until('the connection is back', () => transport.check().then(() => true));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(deliveries).toHaveLength(1);
    expect(await transport.inspect(queue)).toMatchObject({ ready: 1 });
    end();
    await until('it runs again', () => deliveries.length === 2);
    expect(deliveries[1]!.message).toMatchObject({ attempt: 1, suspected: 1, release: 0 });
  });

  it('suspects no run of a job that comes while its queue ceases to be watched', async () => {
    const transport = await client();
    const queues = [`${queue}.a`, `${queue}.b`];
    await transport.connect(queues.map((name) => ({ name })));
    const { deliveries, process } = recorder();
    await transport.consume([queues], 1, process);
    for (let round = 1; round <= 40; round++) {
      await Promise.all(
        queues.map((name) => transport.send(message({ id: `${name}-${round}`, queue: name }))),
      );
      await until('both are handed on', () => deliveries.length === 2 * round);
    }
    expect(new Set(deliveries.map((delivery) => delivery.message.suspected))).toEqual(new Set([0]));
  });

  it('gives up in time on a broker that takes no messages, and goes on later', async () => {
    const transport = await client();
    await server.ctl('set_vm_memory_high_watermark', '0.000001');
    // The alarm takes a moment, and a connection's first message is taken before it is blocked.
    const refusal = (): Promise<unknown> =>
      transport.send(message()).then(
        () => undefined,
        (error: unknown) => error,
      );
    let refused: unknown;
    await until('it refuses', async () => (refused = await refusal()) !== undefined, 60_000);
    expect(refused).toMatchObject({ code: expect.stringMatching(/^broker\./) });
    await expect(transport.check()).rejects.toMatchObject({ message: expect.stringContaining('memory') });
    await server.ctl('set_vm_memory_high_watermark', '0.6');
    await until('it takes again', () => transport.send(message()).then(() => true));
    await transport.check();
  }, 120_000);

  it('asks on a new channel before it believes an old one that refuses', async () => {
    const transport = await client();
    const publishers = async (): Promise<string[]> => {
      const channels = await server.ctl('list_channels', 'pid', 'confirm', 'messages_unconfirmed');
      return channels.split('\n').filter((line) => line.includes('true'));
    };
    await transport.send(message());
    const before = await publishers();
    await server.ctl(
      'set_policy',
      'full',
      queue,
      '{"max-length":1,"overflow":"reject-publish"}',
      '--apply-to',
      'queues',
    );
    // Older than what is told on it would be believed at once.
    await pause(5_500);
    const refusal = (): Promise<unknown> =>
      transport.send(message()).then(
        () => undefined,
        (error: unknown) => error,
      );
    let refused: unknown;
    await until('it refuses', async () => (refused = await refusal()) !== undefined, 60_000);
    expect(refused).toMatchObject({ code: 'broker.refused', message: expect.stringContaining('refused') });
    expect(await publishers()).not.toEqual(before);
    await server.ctl('clear_policy', 'full');
    await until('it takes again', () => transport.send(message()).then(() => true));
  }, 120_000);

  it('waits in several hops where no step is near', async () => {
    const transport = await client();
    const { deliveries, process } = recorder();
    await transport.consume([[queue]], 1, process);
    const sentAt = performance.now();
    await transport.send(message(), { delayMs: 1_400 });
    await until('it is handed on', () => deliveries.length === 1);
    expect(performance.now() - sentAt).toBeGreaterThan(1_400 * 0.8);
    expect(deliveries[0]!.message).toMatchObject({ attempt: 1, suspected: 0, release: 0, headers: {} });
  });

  it('refuses to delay a job whose queue it does not know', async () => {
    const transport = await client();
    const unknown = transport.send(message({ queue: 'faults.unknown' }), { delayMs: 1_000 });
    await expect(unknown).rejects.toMatchObject({ code: 'broker.unroutable' });
  });

  it('refuses what AMQP cannot carry', async () => {
    const transport = await client();
    const headers = { long: 'x'.repeat(70_000) };
    await expect(transport.send(message({ headers }))).rejects.toMatchObject({ code: 'broker.refused' });
    await transport.send(message());
  });

  it('finds the host that answers', async () => {
    const [dead] = await freePorts(1);
    const { username, password, host } = new URL(server.url);
    const transport = await client(`amqp://${username}:${password}@127.0.0.1:${dead},${host}`);
    await transport.send(message());
    await transport.check();
  });

  it('is dropped by the broker within half a minute when it hangs', async () => {
    await client();
    const heartbeats = await server.ctl('list_connections', 'timeout', '--no-table-headers');
    expect(heartbeats.trim().split(/\s+/)).toEqual(['5', '5']);
  });

  it('tells why it cannot connect, but not the password', async () => {
    const { host } = new URL(server.url);
    const refused = await client(`amqp://guest:s3cret@${host}`).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'broker.unreachable',
      message: expect.stringContaining('ACCESS_REFUSED'),
    });
    expect(String(refused)).not.toContain('s3cret');
  });

  it('says so when a queue exists with other arguments', async () => {
    await withRaw(async () => {
      await channel.assertQueue(queue, { durable: true });
    });
    const refused = await client().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      message: expect.stringContaining(`queue "${queue}" could not be declared`),
    });
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type DeadLetter,
  type Delivery,
  type JobMessage,
  queuesOf,
  type QueueSpec,
  type Settlement,
  type Transport,
  type TransportError,
} from '@heavylift/core';
import { type NatsServer, startNats, waitUntil } from '@heavylift/test-servers';
import { AckPolicy, connect, type JetStreamManager, type NatsConnection } from 'nats';
import { createNatsTransport } from './index.js';

const queue = 'test.case';

function job(id: string): JobMessage {
  return {
    id,
    queue,
    type: 'heavylift.job.test.case.v1',
    attempt: 1,
    suspected: 0,
    release: 0,
    headers: {},
    body: Buffer.from('{}'),
  };
}

describe('NATS transport under faults', () => {
  let server: NatsServer;
  let nc: NatsConnection;
  let jsm: JetStreamManager;
  let clients: Transport[] = [];

  beforeAll(async () => {
    server = await startNats();
    nc = await connect({ servers: new URL(server.url).host });
    jsm = await nc.jetstreamManager();
  }, 120_000);

  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
    for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name);
  });

  afterAll(async () => {
    await nc.close();
    await server.stop();
  });

  async function client(
    queues: readonly QueueSpec[] = [{ name: queue }],
    ackWaitMs = 500,
  ): Promise<Transport> {
    const made = createNatsTransport({
      url: server.url,
      clientName: 'faults',
      ackWaitMs,
      warn: () => {},
    });
    clients.push(made);
    await made.connect(queues);
    return made;
  }

  /** One whose jobs are lost to no pause of this process. */
  const steadyClient = (): Promise<Transport> => client([{ name: queue }], 30_000);

  async function pullOnce(durable: string): Promise<void> {
    const pull = JSON.stringify({ batch: 1, expires: 1_000_000_000 });
    const subject = `$JS.API.CONSUMER.MSG.NEXT.HEAVYLIFT_JOBS.${durable}`;
    await nc.request(subject, pull, { noMux: true, timeout: 2_000 });
  }

  async function record(transport: Transport, settlement: Settlement): Promise<Delivery[]> {
    const seen: Delivery[] = [];
    const process = async (delivery: Delivery): Promise<Settlement> => (seen.push(delivery), settlement);
    await transport.consume([[queue]], 4, process);
    return seen;
  }

  it('goes on by itself after somebody deleted the consumer of its queue', async () => {
    const transport = await client();
    const seen = await record(transport, { kind: 'complete' });
    await jsm.consumers.delete('HEAVYLIFT_JOBS', 'test_case');
    await transport.send(job('after'));
    await waitUntil('the job runs', async () => seen.length === 1, { timeoutMs: 30_000 });
  }, 90_000);

  it('says so while the consumer of its queue is one that it cannot use, and heals', async () => {
    const transport = await client();
    const seen: string[] = [];
    const consumption = await transport.consume([[queue]], 4, async ({ message }) => {
      seen.push(message.id);
      return { kind: 'complete' };
    });
    await jsm.consumers.delete('HEAVYLIFT_JOBS', 'test_case');
    await jsm.consumers.add('HEAVYLIFT_JOBS', {
      durable_name: 'test_case',
      ack_policy: AckPolicy.Explicit,
      filter_subject: 'heavylift.jobs.test.case',
      deliver_subject: 'somewhere.else',
    });
    const refusal = (): Promise<string> => consumption.check().then(() => '', String);
    await waitUntil('it says so', async () => (await refusal()).includes('test_case'), { timeoutMs: 30_000 });
    await jsm.consumers.delete('HEAVYLIFT_JOBS', 'test_case');
    await waitUntil('it says that it works', async () => (await refusal()) === '', { timeoutMs: 30_000 });
    await transport.send(job('after'));
    await waitUntil('the job runs', async () => seen.length === 1, { timeoutMs: 30_000 });
  }, 120_000);

  it('leaves what others have in hand to them when it connects', async () => {
    const worker = await steadyClient();
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const seen: string[] = [];
    await worker.consume([[queue]], 4, async ({ message }) => {
      seen.push(message.id);
      await ended;
      return { kind: 'complete' };
    });
    for (const id of ['a', 'b', 'c']) await worker.send(job(id));
    await waitUntil('all run', async () => seen.length === 3, { timeoutMs: 30_000 });
    await steadyClient();
    expect((await jsm.consumers.info('HEAVYLIFT_JOBS', 'test_case')).num_ack_pending).toBe(3);
    expect((await jsm.streams.info('HEAVYLIFT_JOBS')).state.messages).toBe(3);
    end();
    const left = async (): Promise<number> => (await jsm.streams.info('HEAVYLIFT_JOBS')).state.messages;
    await waitUntil('all are settled', async () => (await left()) === 0, { timeoutMs: 30_000 });
    expect(seen).toHaveLength(3);
  }, 120_000);

  it('leaves although it cannot hand back what it has in hand, which another gets later', async () => {
    const transport = await client();
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    let running = 0;
    const consumption = await transport.consume([[queue]], 1, async () => {
      running++;
      await ended;
      return { kind: 'release' };
    });
    await transport.send(job('kept'));
    await waitUntil('it runs', async () => running === 1, { timeoutMs: 30_000 });
    await jsm.streams.update('HEAVYLIFT_JOBS', { max_msgs: 1 });
    const stopped = consumption.stop();
    end();
    await stopped;
    await jsm.streams.update('HEAVYLIFT_JOBS', { max_msgs: -1 });
    const seen = await record(transport, { kind: 'complete' });
    await waitUntil('another gets it', async () => seen.length === 1, { timeoutMs: 30_000 });
    expect(seen[0]!.message).toMatchObject({ id: 'kept', release: 0 });
  }, 120_000);

  it('goes on by itself after somebody deleted the streams, under another keeper', async () => {
    const transport = await client();
    const seen = await record(transport, { kind: 'complete' });
    const before = transport.keeper;
    await jsm.streams.delete('HEAVYLIFT_JOBS');
    await transport.send(job('after'));
    await waitUntil('the job runs', async () => seen.length === 1, { timeoutMs: 30_000 });
    expect(transport.keeper).not.toBe(before);
  }, 90_000);

  it('dead-letters what the server gave up on', async () => {
    const transport = await client();
    await jsm.consumers.update('HEAVYLIFT_JOBS', 'test_case', { max_deliver: 1 });
    await transport.send(job('given-up'));
    await pullOnce('test_case');
    const seen = await record(transport, { kind: 'complete' });
    const told: DeadLetter[] = [];
    await transport.onGivenUp(async (heard) => {
      if (told.push(heard) === 1) throw new Error('tell me again');
    });
    const isDead = async (): Promise<boolean> => (await transport.inspect(queue)).deadLettered === 1;
    await waitUntil('the job is dead-lettered', isDead, { timeoutMs: 30_000 });
    expect(seen).toEqual([]);
    const [letter] = await transport.deadLetters(queue, 10);
    expect(letter).toMatchObject({ reason: 'worker.lost', message: { id: 'given-up' } });
    await waitUntil('it is told again', async () => told.length === 2, { timeoutMs: 30_000 });
    expect(told[1]).toMatchObject({ reason: 'worker.lost', message: { id: 'given-up' } });
    await waitUntil(
      'it is gone',
      async () => (await jsm.streams.info('HEAVYLIFT_JOBS')).state.messages === 0,
      { timeoutMs: 30_000 },
    );
    expect((await jsm.streams.info('HEAVYLIFT_JOBS')).state.messages).toBe(0);
  }, 90_000);

  it('dead-letters what the server gave up on by any client that listens, where the lane keeps its dead letters', async () => {
    const high = `${queue}.high`;
    const declaring = await client(queuesOf(queue));
    await jsm.consumers.update('HEAVYLIFT_JOBS', 'test_case_high', { max_deliver: 1 });
    await declaring.send({ ...job('given-up'), queue: high });
    await pullOnce('test_case_high');
    const other = await client([{ name: 'other.case' }]);
    await other.onGivenUp(async () => {});
    // The server gives up on a job only while somebody asks for one.
    await pullOnce('test_case_high');
    const isDead = async (): Promise<boolean> => (await declaring.inspect(queue)).deadLettered === 1;
    await waitUntil('the job is dead-lettered', isDead, { timeoutMs: 30_000 });
    const [letter] = await declaring.deadLetters(queue, 10);
    expect(letter!.message).toMatchObject({ id: 'given-up', queue: high, attempt: 1, suspected: 1 });
    expect((await other.inspect(high)).deadLettered).toBe(1);
  }, 90_000);

  it('leaves the limits of a stream to the operator', async () => {
    const first = await client();
    await jsm.streams.update('HEAVYLIFT_EVENTS', { max_age: 3_600_000_000_000 });
    await client();
    await first.check();
    expect((await jsm.streams.info('HEAVYLIFT_EVENTS')).config.max_age).toBe(3_600_000_000_000);
  });

  it('refuses at once, with the cause, when a stream of its name is of another kind', async () => {
    await jsm.streams.add({ name: 'HEAVYLIFT_JOBS', subjects: ['heavylift.jobs.>'] });
    await expect(client()).rejects.toMatchObject({
      code: 'broker.refused',
      message: /HEAVYLIFT_JOBS/ as never,
    });
  });

  it('says what to do about a job that is too large for the server', async () => {
    const transport = await client();
    const large = { ...job('large'), body: new Uint8Array(1024 * 1024) };
    const error = await transport.send(large).catch((refusal: TransportError) => refusal);
    expect(error).toMatchObject({ code: 'broker.refused' });
    expect(String(error)).toContain('max_payload');
  });

  it('says at once that it may not publish', async () => {
    const strict = await startNats();
    const [login, allowed] = ['user: someone, password: secret', 'publish: { deny: "heavylift.jobs.>" }'];
    await strict.configure(`authorization { users: [{ ${login}, permissions: { ${allowed} } }] }`);
    // Its new rules hold only a moment later, and in between it lets nobody in.
    const servers = new URL(strict.url).host;
    const letsIn = (as: object): Promise<boolean> =>
      connect({ servers, ...as }).then(
        (open) => open.close().then(() => true),
        () => false,
      );
    await waitUntil('it asks who comes', async () => !(await letsIn({})), { timeoutMs: 30_000 });
    const someone = { user: 'someone', pass: 'secret' };
    await waitUntil('it knows who comes', () => letsIn(someone), { timeoutMs: 30_000 });
    const url = strict.url.replace('//', '//someone:secret@');
    const transport = createNatsTransport({ url, clientName: 'faults', warn: () => {} });
    try {
      await transport.connect([{ name: queue }]);
      await expect(transport.send(job('a'))).rejects.toMatchObject({
        code: 'broker.refused',
        message: expect.stringMatching(/permissions violation/i) as unknown,
      });
    } finally {
      await transport.close();
      await strict.stop();
    }
  }, 120_000);

  it('says where nothing answers, without the password', async () => {
    const url = 'nats://someone:secret@127.0.0.1:9';
    const error = await createNatsTransport({ url, clientName: 'x' })
      .connect([])
      .catch((refusal: TransportError) => refusal);
    expect(error).toMatchObject({ code: 'broker.unreachable' });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
  }, 60_000);

  it('suspects no run of a job that comes while a client leaves', async () => {
    const [sender, worker] = [await steadyClient(), await steadyClient()];
    const seen = await record(worker, { kind: 'complete' });
    for (let round = 0; round < 50; round++) {
      const leaving = await (
        await steadyClient()
      ).consume([[queue]], 1, async ({ message }) => {
        seen.push({ message, lost: new AbortController().signal });
        return { kind: 'complete' };
      });
      await Promise.all([sender.send(job(`round-${round}`)), leaving.stop()]);
      await clients.pop()?.close();
    }
    await waitUntil('all jobs run', async () => seen.length === 50, { timeoutMs: 30_000 });
    expect(seen.filter(({ message }) => message.suspected !== 0)).toEqual([]);
  }, 120_000);
});

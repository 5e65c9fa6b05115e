import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type NatsServer, startNats, waitUntil } from '@heavylift/test-servers';
import { connect, type ConsumerInfo, type JetStreamManager, type JsMsg, type NatsConnection } from 'nats';
import { SeededRandom } from '../../../test/simulation/seeded-random.js';
import { type Patient, restartIfAhead, settleGhosts } from './consumer-repair.js';
import { jobsStream, queueConsumer } from './streams.js';

const plan = queueConsumer('test.case', 'test.case', 30_000);
const { stream } = plan;
const durable = plan.config.durable_name;

/** What a killed server does to its files cannot be ordered: here it is told to the repair, and a real server is repaired. */
describe('a consumer that a killed server has brought out of step', () => {
  let server: NatsServer;
  let nc: NatsConnection;
  let jsm: JetStreamManager;
  let patient: Patient;

  beforeAll(async () => {
    server = await startNats();
    nc = await connect({ servers: new URL(server.url).host });
    jsm = await nc.jetstreamManager();
    patient = { nc, jsm, plan };
  }, 120_000);
  beforeEach(async () => {
    await jsm.streams.delete(stream).catch(() => false);
    await jsm.streams.add({ ...jobsStream });
    await jsm.consumers.add(stream, { ...plan.config });
  });
  afterAll(async () => {
    await nc.close();
    await server.stop();
  }, 90_000);

  const infoOf = (): Promise<ConsumerInfo> => jsm.consumers.info(stream, durable);

  async function publish(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await nc.jetstream().publish('heavylift.jobs.test.case', '{}');
  }

  async function pull(count: number): Promise<number[]> {
    const numbers: number[] = [];
    const consumer = await nc.jetstream().consumers.get(stream, durable);
    for await (const message of await consumer.fetch({ max_messages: count, expires: 2_000 }))
      numbers.push(message.seq);
    return numbers;
  }

  async function takeAll(from: string): Promise<JsMsg[]> {
    const taken: JsMsg[] = [];
    for await (const message of nc.jetstream().fetch(stream, from, { batch: 100, no_wait: true }))
      taken.push(message);
    return taken;
  }

  const seenUpTo = (info: ConsumerInfo, seq: number): ConsumerInfo => ({
    ...info,
    delivered: { ...info.delivered, stream_seq: seq },
  });

  it('is made anew when it has seen more than its stream has ever held, and hands on all that is there', async () => {
    await publish(3);
    expect(await pull(3)).toEqual([1, 2, 3]);
    expect(await restartIfAhead(patient, seenUpTo(await infoOf(), 2_000), 3)).toBe(true);
    expect(await pull(3)).toEqual([1, 2, 3]);
  });

  it('is left alone when it is in step, also when jobs came between the two questions', async () => {
    await publish(3);
    await pull(3);
    expect(await restartIfAhead(patient, await infoOf(), 3)).toBe(false);
    expect(await restartIfAhead(patient, await infoOf(), 1)).toBe(false);
    expect((await infoOf()).num_ack_pending).toBe(3);
  });

  it('is made anew by two at a time without harm', async () => {
    await publish(3);
    const info = seenUpTo(await infoOf(), 2_000);
    await Promise.all([restartIfAhead(patient, info, 3), restartIfAhead(patient, info, 3)]);
    expect(await pull(3)).toEqual([1, 2, 3]);
  });

  it('has settled for it what its stream does not hold, and nothing else', async () => {
    const settled: number[] = [];
    const hearing = nc.subscribe(`$JS.ACK.${stream}.${durable}.>`, {
      callback: (_, { subject }) => void settled.push(Number(subject.split('.')[5])),
    });
    await publish(8);
    await pull(6);
    for (const seq of [2, 5, 7]) await jsm.streams.deleteMessage(stream, seq);
    await settleGhosts(patient, await infoOf());
    await waitUntil('the settlements', async () => settled.length >= 2, { timeoutMs: 30_000 });
    expect(settled).toEqual([2, 5]);
    const left = (await infoOf()).num_ack_pending;
    expect([left, (await jsm.streams.info(stream)).state.messages]).toEqual([4, 5]);
    hearing.unsubscribe();
  });

  it('has nothing settled for it that is there, whatever lies between', async () => {
    const random = new SeededRandom(34);
    const lanes = ['test.case', 'test.case.low', 'test.other'];
    const plans = lanes.map((lane) => queueConsumer(lane, lane, 30_000));
    for (const { config } of plans.slice(1)) await jsm.consumers.add(stream, { ...config });
    let inHand: JsMsg[] = [];
    for (let round = 0; round < 60; round++) {
      for (let count = random.whole(1, 12); count > 0; count--)
        await nc.jetstream().publish(`heavylift.jobs.${random.pick(lanes)}`, '{}');
      for (const { config } of plans) inHand.push(...(await takeAll(config.durable_name)));
      const settled = inHand.filter(() => random.chance(0.6));
      await Promise.all(settled.map((message) => message.ackAck()));
      inHand = inHand.filter((message) => !settled.includes(message));
      for (const each of plans)
        await settleGhosts(
          { nc, jsm, plan: each },
          await jsm.consumers.info(stream, each.config.durable_name),
        );
      expect([round, (await jsm.streams.info(stream)).state.messages]).toEqual([round, inHand.length]);
    }
  }, 120_000);

  it('has nothing settled for it while it is ahead of its stream: the numbers would come again', async () => {
    await publish(2);
    await pull(2);
    await jsm.streams.deleteMessage(stream, 1);
    const settled: string[] = [];
    const hearing = nc.subscribe(`$JS.ACK.${stream}.>`, {
      callback: (_, { subject }) => void settled.push(subject),
    });
    await settleGhosts(patient, seenUpTo(await infoOf(), 9));
    await nc.flush();
    expect(settled).toEqual([]);
    hearing.unsubscribe();
  });
});

import { expect } from '@jest/globals';
import { type JobMessage, TransportError } from '@heavylift/core';
import { type Bench, type Cases, freshQueue } from '../bench.js';
import { collect, type Recorder } from '../recorder.js';

export const sending: Cases = {
  'delivers a job as it was sent': async (bench) => {
    const headers = {
      traceparent: '00-ab-cd-01',
      'x-Mixed-Case': 'a=b; "c": d',
      empty: '',
      name: 'Zoë 日本語 🚀',
    };
    await expectUnchanged(bench, { type: 'heavylift.job.video.transcode.v7', headers });
  },

  'delivers a job without headers': async (bench) => {
    await expectUnchanged(bench, { headers: {} });
  },

  'delivers a body of any bytes': async (bench) => {
    await expectUnchanged(bench, { body: Uint8Array.from({ length: 512 }, (_, i) => i % 256) });
  },

  'delivers an empty body': async (bench) => {
    await expectUnchanged(bench, { body: new Uint8Array() });
  },

  // a stock NATS server takes 1 MiB, headers included
  'delivers a body of a million bytes': async (bench) => {
    await expectUnchanged(bench, { body: Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 31) % 251) });
  },

  'keeps the attempt, the suspected runs and the release it was sent with': async (bench) => {
    await expectUnchanged(bench, { attempt: 4, suspected: 3, release: 2 });
  },

  'keeps jobs until a worker comes': async (bench) => {
    const producer = await bench.client();
    const ids = await bench.send(producer, 10);
    await producer.close();
    const { done } = await drained(bench, 10);
    expect(done.toSorted()).toEqual(ids.toSorted());
  },

  'takes a thousand sends at once': async (bench) => {
    const producer = await bench.client();
    await bench.send(producer, 1_000);
    await bench.eventually(async () => expect((await producer.inspect(bench.queue)).ready).toBe(1_000));
  },

  'refuses a queue that nobody declared': async (bench) => {
    const producer = await bench.client();
    await expect(producer.send(bench.message({ queue: freshQueue() }))).rejects.toBeInstanceOf(
      TransportError,
    );
    await bench.send(producer, 1);
  },
};

async function drained(bench: Bench, count: number): Promise<Recorder> {
  const recorder = collect();
  const worker = await bench.client();
  await worker.consume([[bench.queue]], 5, recorder.process);
  await bench.eventually(() => expect(recorder.done).toHaveLength(count));
  return recorder;
}

async function expectUnchanged(bench: Bench, overrides: Partial<JobMessage>): Promise<void> {
  const message = bench.message(overrides);
  const producer = await bench.client();
  await producer.send(message);
  const { deliveries } = await drained(bench, 1);
  const received = deliveries[0]!.message;
  expect(Buffer.from(received.body).equals(message.body)).toBe(true);
  expect({ ...received, body: undefined }).toEqual({ ...message, body: undefined });
}

import { describe, expect, it } from '@jest/globals';
import type { JobMessage } from '@heavylift/core';
import type { Message, Options } from 'amqplib';
import { decodeDeadLetter, decodeJob, encodeDeadLetter, encodeJob, notBefore } from './message-codec.js';

const job: JobMessage = {
  id: 'job-1',
  queue: 'video.transcode',
  type: 'heavylift.job.video.transcode.v1',
  attempt: 2,
  suspected: 0,
  release: 1,
  headers: { traceparent: '00-a-b-01' },
  body: Buffer.from('{}'),
};

/** What a consumer would get of it. */
function arrive(properties: Partial<Options.Publish>, body: Uint8Array = job.body): Message {
  const fields = { deliveryTag: 1, redelivered: false, exchange: '', routingKey: 'video.transcode' };
  return {
    content: Buffer.from(body),
    fields,
    properties: { headers: {}, ...properties } as Message['properties'],
  };
}

describe('message codec', () => {
  it('brings a job through as it is', () => {
    expect(decodeJob(arrive(encodeJob(job)), job.queue)).toEqual(job);
  });

  it('shows the headers of a user plainly', () => {
    expect(encodeJob(job).headers).toEqual({
      'heavylift-attempt': 2,
      'heavylift-release': 1,
      traceparent: '00-a-b-01',
    });
  });

  it('keeps headers from meaning something to the broker', () => {
    const headers = { CC: 'a', bcc: 'b', 'x-death': 'c', 'heavylift-attempt': '9', 'X-Request-Id': 'd' };
    const encoded = encodeJob({ ...job, headers });
    expect(Object.keys(encoded.headers)).not.toContain('CC');
    expect(decodeJob(arrive(encoded), job.queue)).toEqual({ ...job, headers });
  });

  it('suspects a run for each holder that was lost, on top of those suspected before', () => {
    const properties = encodeJob({ ...job, suspected: 1 });
    const received = arrive({ ...properties, headers: { ...properties.headers, 'x-delivery-count': 3 } });
    expect(decodeJob(received, job.queue)).toEqual({ ...job, suspected: 4 });
  });

  it('reads a message of which nothing is known', () => {
    const received = arrive({
      headers: { 'heavylift-attempt': 'many', 'heavylift-release': -1, nested: { a: 1 } },
    });
    const read = decodeJob(received, job.queue);
    expect(read).toMatchObject({
      type: '',
      attempt: 1,
      suspected: 0,
      release: 0,
      headers: {},
      queue: job.queue,
    });
    expect(read.id).toMatch(/^unnamed-[0-9a-f]{32}$/);
    expect(decodeJob(received, job.queue).id).toBe(read.id);
  });

  it('copies nothing of an earlier journey', () => {
    const headers = { 'x-death': [{ count: 1 }], 'x-first-death-queue': 'q', traceparent: 't' };
    const read = decodeJob(arrive({ ...encodeJob(job), headers }), job.queue);
    expect(Object.keys(encodeJob(read).headers)).toEqual(['traceparent']);
  });

  it('says nothing in headers of a job of which there is nothing to say', () => {
    const plain = { ...job, attempt: 1, release: 0, headers: {} };
    expect(encodeJob(plain)).not.toHaveProperty('headers');
    expect(decodeJob(arrive(encodeJob(plain)), job.queue)).toEqual(plain);
  });

  it('tells until when a job has still to wait', () => {
    const due = new Date('2030-01-02T03:04:05.678Z');
    expect(notBefore(arrive(encodeJob(job, due)))).toBe(due.getTime());
    expect(notBefore(arrive(encodeJob(job)))).toBeUndefined();
  });

  it('brings a dead letter through, cutting a detail that no frame could hold', () => {
    const at = new Date('2030-01-02T03:04:05.678Z');
    const encoded = encodeDeadLetter(job, 'payload.invalid', 'x'.repeat(100_000), at);
    const letter = decodeDeadLetter(arrive(encoded), job.queue);
    expect(letter).toMatchObject({ message: job, reason: 'payload.invalid', at: at.toISOString() });
    expect(letter.detail).toHaveLength(16_000);
  });

  it('tells from which queue a dead letter came, wherever it lies', () => {
    const ours = arrive(
      encodeDeadLetter({ ...job, queue: 'video.transcode.high' }, 'r', undefined, new Date()),
    );
    expect(decodeDeadLetter(ours, job.queue).message.queue).toBe('video.transcode.high');
    const headers = { 'x-death': [{ reason: 'delivery_limit', queue: 'video.transcode.low' }] };
    const brokers = arrive({ ...encodeJob(job), headers });
    expect(decodeDeadLetter(brokers, job.queue).message.queue).toBe('video.transcode.low');
  });

  it("names the broker's own reason for a dead letter", () => {
    const death = { reason: 'delivery_limit', time: { '!': 'timestamp', value: 1_893_553_445 } };
    const received = arrive({ ...encodeJob(job), headers: { 'x-death': [death] } });
    expect(decodeDeadLetter(received, job.queue)).toMatchObject({
      reason: 'worker.lost',
      at: '2030-01-02T03:04:05.000Z',
    });
  });
});

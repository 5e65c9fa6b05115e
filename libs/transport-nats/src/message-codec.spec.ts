import { describe, expect, it } from '@jest/globals';
import type { JobMessage } from '@heavylift/core';
import { type Head, parseHead, WireHead } from './head.js';
import { decodeDead, decodeJob, encodeDead, encodeJob } from './message-codec.js';

const subject = 'heavylift.jobs.video.transcode';
const message: JobMessage = {
  id: 'a',
  queue: 'video.transcode',
  type: 't',
  attempt: 2,
  suspected: 1,
  release: 3,
  headers: {},
  body: new Uint8Array([0, 255]),
};

/** Over the wire and back. */
function carried(given: JobMessage): JobMessage {
  return decodeJob({ subject, data: given.body, head: overTheWire(encodeJob(given, 'client')) });
}

function overTheWire(lines: string): Head {
  return parseHead(new WireHead(lines).encode());
}

describe('message codec', () => {
  it.each([
    ['plain text', { traceparent: '00-1-2-01' }],
    ['letters of the world', { größe: 'groß — 大きい 🎬' }],
    ['blanks at the edges, line ends and percent signs', { note: ' 100%\r\nX-Evil: 1 ', empty: '' }],
    ['names like our own', { 'Heavylift-Id': 'x', 'nats-msg-id': 'y', 'content-type': 'z', 'a:b c': 'w' }],
  ])('carries headers with %s', (_, given) => {
    expect(carried({ ...message, headers: given })).toEqual({ ...message, headers: given });
  });

  it('makes a job of a message that knows nothing of Heavylift', () => {
    const head = overTheWire('Nats-Msg-Id: n-1\r\nHeavylift-Attempt: many\r\nnote: 100%\r\n');
    const job = decodeJob({ subject, data: new Uint8Array(), head });
    expect(job).toMatchObject({ id: 'n-1', queue: 'video.transcode', attempt: 1, headers: { note: '100%' } });
    expect(decodeJob({ subject, data: new Uint8Array(), head: overTheWire('') })).toMatchObject({
      id: expect.stringMatching(/^unnamed-/) as unknown,
      attempt: 1,
      suspected: 0,
      release: 0,
    });
  });

  it('keeps the queue of a dead letter, whose subject may be that of another', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const sent = encodeDead({ ...message, queue: 'video.transcode.high' }, 'client', { reason: 'r', at });
    const stored = { subject: 'heavylift.dead.video.transcode', data: message.body };
    const { message: dead } = decodeDead({ ...stored, head: overTheWire(sent) }, at);
    expect(dead).toEqual({ ...message, queue: 'video.transcode.high' });
    expect(decodeDead({ ...stored, head: overTheWire('') }, at).message.queue).toBe('video.transcode');
  });

  it('cuts a detail that NATS could not carry, and can still read it', () => {
    const detail = '大'.repeat(100_000);
    const sent = encodeDead(message, 'client', {
      reason: 'handler.failed',
      detail,
      at: '2026-01-01T00:00:00.000Z',
    });
    const letter = decodeDead({ subject, data: message.body, head: overTheWire(sent) }, 'later');
    expect(letter).toMatchObject({ reason: 'handler.failed', at: '2026-01-01T00:00:00.000Z' });
    expect(letter.detail).toMatch(/^大{100,}$/);
    expect(sent.length).toBeLessThan(9_000);
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  decodeCommand,
  decodeEvents,
  encodeCommand,
  encodeEvent,
  InvalidEnvelopeError,
  type JobCommand,
  type JobEvent,
  type LoggedEvent,
} from './index.js';

const command: JobCommand = {
  id: '01890000-0000-7000-8000-000000000001',
  jobType: 'video.transcode',
  version: 2,
  payload: { source: 'grüße 🎬', height: 240 },
  maxAttempts: 3,
  timeoutMs: 60_000,
  source: '/gateway@host:1',
  time: '2026-01-02T03:04:05.678Z',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

const event: JobEvent = {
  id: 'e1',
  kind: 'retrying',
  jobId: command.id,
  jobType: 'video.transcode',
  attempt: 1,
  release: 0,
  at: '2026-01-02T03:04:05.678Z',
  worker: 'video-worker@host:2',
  run: 'r1',
  error: {
    name: 'Error',
    code: 'handler.failed',
    message: 'no',
    retryable: true,
    stack: 'Error: no\n  at x',
  },
  nextAttemptAt: '2026-01-02T03:04:10.000Z',
};

const bytes = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const raw = (): Record<string, unknown> =>
  JSON.parse(Buffer.from(encodeCommand(command)).toString()) as Record<string, unknown>;

describe('a command on the wire', () => {
  it('comes out as it went in', () => {
    expect(decodeCommand(encodeCommand(command))).toEqual(command);
  });

  it('is a CloudEvents 1.0 document with the names that workers in other languages rely on', () => {
    expect(raw()).toMatchObject({
      specversion: '1.0',
      type: 'heavylift.job.video.transcode.v2',
      id: command.id,
      source: command.source,
      datacontenttype: 'application/json',
      data: command.payload,
      traceparent: command.traceparent,
    });
  });

  it.each([
    ['no JSON', 'hello'],
    ['no UTF-8', new Uint8Array([0xff, 0xfe])],
    ['no object', '[1]'],
    ['another version of CloudEvents', { ...raw(), specversion: '0.3' }],
    ['no id', { ...raw(), id: '' }],
    ['another type', { ...raw(), type: 'com.example.order' }],
    ['no limit of attempts', { ...raw(), maxattempts: 0 }],
    ['no time limit', { ...raw(), timeoutms: 'long' }],
  ])('is refused when it has %s', (_, body) => {
    expect(() => decodeCommand(body instanceof Uint8Array ? body : bytes(body))).toThrow(
      InvalidEnvelopeError,
    );
  });
});

describe('an event on the wire', () => {
  it('comes out as it went in', () => {
    expect(decodeEvents(encodeEvent(event))).toEqual([event]);
  });

  it('bears the job as its subject and the worker as its source', () => {
    expect(JSON.parse(Buffer.from(encodeEvent(event)).toString())).toMatchObject({
      type: 'heavylift.job.retrying',
      subject: command.id,
      source: '/video-worker@host:2',
    });
  });

  it('that has lines of a log comes out as it went in, and bounds what others put into it', () => {
    const base = { id: 'e-2', jobId: 'j', jobType: 'a.b', attempt: 1, release: 0, at: 'now', run: 'r' };
    const logged: LoggedEvent = {
      ...base,
      kind: 'logged',
      batch: 2,
      leftOut: 1,
      total: 4,
      lines: [{ at: 'now', line: 'one' }],
    };
    expect(decodeEvents(encodeEvent(logged))).toEqual([logged]);
    const foreign = { ...logged, lines: [{ at: 'now', line: `\u0000${'x'.repeat(9_000)}`, more: 1 }] };
    expect(decodeEvents(encodeEvent(foreign))).toMatchObject([
      { lines: [{ at: 'now', line: `${'x'.repeat(1_999)}…` }] },
    ]);
  });

  it.each([{ run: 7 }, { batch: -1 }, { total: 1.5 }, { leftOut: 1e12 }, { lines: 'one' }, { lines: [{}] }])(
    'that has lines of a log is refused with %j',
    (wrong) => {
      const base = { id: 'e-2', jobId: 'j', jobType: 'a.b', attempt: 1, release: 0, at: 'now', run: 'r' };
      const logged = { ...base, kind: 'logged', batch: 1, leftOut: 0, total: 0, lines: [], ...wrong };
      expect(() => decodeEvents(encodeEvent(logged as LoggedEvent))).toThrow(InvalidEnvelopeError);
    },
  );

  it('is refused when its kind is not known', () => {
    expect(() => decodeEvents(encodeEvent({ ...event, kind: 'vanished' as 'queued' }))).toThrow(
      InvalidEnvelopeError,
    );
  });

  it('is refused when it does not say which attempt', () => {
    const { attempt: _attempt, ...rest } = event;
    expect(() => decodeEvents(encodeEvent(rest as JobEvent))).toThrow(InvalidEnvelopeError);
  });
});

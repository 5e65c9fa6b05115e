import { describe, expect, it } from '@jest/globals';
import { EventStreamParser, readEventStream, type StreamMessage } from './event-stream.js';

const text =
  ':\n\nid: 1\nevent: queued\ndata: {"a":1}\n\nevent: progressed\ndata: grüße\ndata: 🎬\n\n:\n\nevent: end\ndata:{}\n\nid: 9\ndata: cut';

const messages: readonly StreamMessage[] = [
  { id: '1', event: 'queued', data: '{"a":1}' },
  { id: undefined, event: 'progressed', data: 'grüße\n🎬' },
  { id: undefined, event: 'end', data: '{}' },
];

describe('an event stream', () => {
  it('gives its whole messages, and keeps comments and what is cut off to itself', () => {
    expect(new EventStreamParser().push(text)).toEqual(messages);
  });

  it.each([
    ['line feeds', text],
    ['carriage returns and line feeds', text.replaceAll('\n', '\r\n')],
  ])('is the same with %s, however its bytes are cut', async (_, whole) => {
    const bytes = new TextEncoder().encode(whole);
    for (const size of [1, 2, 3, 7, 50]) {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const found: StreamMessage[] = [];
      for await (const message of readEventStream(body, () => {})) found.push(message);
      expect([size, found]).toEqual([size, messages]);
    }
  });

  it('is let go when its reader stops early, and tells of every sign of life', async () => {
    let cancelled = false;
    let signs = 0;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(':\n\n'));
        controller.enqueue(new TextEncoder().encode('data: 1\n\n'));
      },
      cancel: () => void (cancelled = true),
    });
    for await (const message of readEventStream(body, () => signs++)) {
      expect(message.data).toBe('1');
      break;
    }
    expect([signs, cancelled]).toEqual([2, true]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { JobLine, LiveMessage } from './live-message.js';
import { Mailbox } from './mailbox.js';

const job = (id: string, status: string): JobLine => ({ id, status }) as unknown as JobLine;
const jobs = (items: readonly JobLine[], more = false): LiveMessage => ({
  event: 'jobs',
  data: { items, more },
});
const counts = (queued: number): LiveMessage => ({ event: 'counts', data: { queued } });

/** A listener that has room for one message more at each `take`. */
class SlowListener {
  readonly heard: LiveMessage[] = [];
  readonly mailbox = new Mailbox((message) => this.#hear(message));
  #taken: () => void = () => {};

  async take(): Promise<void> {
    this.#taken();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #hear(message: LiveMessage): Promise<void> {
    this.heard.push(message);
    return new Promise((resolve) => (this.#taken = resolve));
  }
}

describe('the mailbox of a listener', () => {
  it('hands on at once while there is room', async () => {
    const heard: LiveMessage[] = [];
    const mailbox = new Mailbox(async (message) => void heard.push(message));
    for (let i = 0; i < 3; i++) {
      mailbox.put(counts(i));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heard).toEqual([counts(0), counts(1), counts(2)]);
  });

  it('tells a slow one the latest of each kind, and nothing twice', async () => {
    const listener = new SlowListener();
    for (let i = 0; i < 1_000; i++) {
      listener.mailbox.put(counts(i));
      listener.mailbox.put({ event: 'queues', data: i });
    }
    for (let i = 0; i < 5; i++) await listener.take();
    expect(listener.heard).toEqual([counts(0), { event: 'queues', data: 999 }, counts(999)]);
  });

  it('tells each job that changed meanwhile once, as it is then', async () => {
    const listener = new SlowListener();
    listener.mailbox.put(counts(0));
    listener.mailbox.put(jobs([job('a', 'queued'), job('b', 'queued')]));
    listener.mailbox.put(jobs([job('a', 'running'), job('c', 'queued')]));
    await listener.take();
    expect(listener.heard.slice(1)).toEqual([
      jobs([job('b', 'queued'), job('a', 'running'), job('c', 'queued')]),
    ]);
  });

  it('says that there were more jobs than it holds', async () => {
    const listener = new SlowListener();
    listener.mailbox.put(counts(0));
    for (let i = 0; i < 10_000; i += 100)
      listener.mailbox.put(jobs(Array.from({ length: 100 }, (_, k) => job(String(i + k), 'queued'))));
    await listener.take();
    const [, { data }] = listener.heard as [LiveMessage, LiveMessage & { event: 'jobs' }];
    expect([data.items.length, data.more, data.items.at(-1)!.id]).toEqual([200, true, '9999']);
  });
});

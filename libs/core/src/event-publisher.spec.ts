import { describe, expect, it, jest } from '@jest/globals';
import { decodeEvents, EventPublisher, type JobEvent, type PublishOptions } from './index.js';

interface Published {
  readonly topic: string;
  readonly jobs: readonly string[];
  readonly options: PublishOptions | undefined;
  readonly confirm: () => void;
  readonly refuse: (error: Error) => void;
}

/** Keeps each message until the test says what became of it. */
class Broker {
  readonly messages: Published[] = [];

  publish(topic: string, body: Uint8Array, options?: PublishOptions): Promise<void> {
    const jobs = decodeEvents(body).map(({ jobId }) => jobId);
    return new Promise((confirm, refuse) => this.messages.push({ topic, jobs, options, confirm, refuse }));
  }

  confirmFrom(first: number): void {
    for (const { confirm } of this.messages.slice(first)) confirm();
  }

  get told(): string[] {
    return this.messages.map(({ topic, jobs }) => `${topic}: ${jobs.join(' ')}`);
  }
}

function progressed(jobId: string, message = ''): JobEvent {
  const base = {
    id: `event-${jobId}`,
    jobId,
    jobType: 'test.count',
    attempt: 1,
    release: 0,
    at: '2030-01-01',
  };
  return { ...base, kind: 'progressed', progress: { percent: 1, message }, worker: 'w', run: 'r' };
}

const succeeded = (jobId: string): JobEvent => ({
  ...progressed(jobId),
  kind: 'succeeded',
  result: null,
  assets: [],
});
const queued = (jobId: string): JobEvent => ({ ...progressed(jobId), kind: 'queued' });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the publisher of events', () => {
  it('sends a single event with the turn in which it comes, as a message of its own', async () => {
    const broker = new Broker();
    const publishing = new EventPublisher(broker).publish(progressed('a'));
    await turn();
    expect(broker.told).toEqual(['progressed.test.count: a']);
    broker.confirmFrom(0);
    await publishing;
  });

  it('lets those of one turn share a message for each topic, in their order', async () => {
    const broker = new Broker();
    const publisher = new EventPublisher(broker);
    const all = [progressed('a'), progressed('b'), succeeded('a'), progressed('c')].map((each) =>
      publisher.publish(each),
    );
    await turn();
    expect(broker.told).toEqual(['progressed.test.count: a b c', 'succeeded.test.count: a']);
    broker.confirmFrom(0);
    await Promise.all(all);
  });

  it('lets those wait together that come while two rounds are on their way', async () => {
    const broker = new Broker();
    const publisher = new EventPublisher(broker);
    const all: Promise<void>[] = [];
    for (const job of ['a', 'b', 'c', 'd']) {
      all.push(publisher.publish(progressed(job)));
      await turn();
    }
    expect(broker.told).toEqual(['progressed.test.count: a', 'progressed.test.count: b']);
    broker.confirmFrom(0);
    await turn();
    await turn();
    expect(broker.told.slice(2)).toEqual(['progressed.test.count: c d']);
    broker.confirmFrom(2);
    await Promise.all(all);
  });

  it('keeps the word that jobs wait for a moment, unless others leave, and tells it together', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const broker = new Broker();
      const publisher = new EventPublisher(broker);
      const all = ['a', 'b'].map((job) => publisher.publish(queued(job)));
      await turn();
      expect(broker.told).toEqual([]);
      await jest.advanceTimersByTimeAsync(50);
      await turn();
      expect(broker.told).toEqual(['queued.test.count: a b']);
      all.push(publisher.publish(queued('c')), publisher.publish(succeeded('a')));
      await turn();
      expect(broker.told.slice(1)).toEqual(['queued.test.count: c', 'succeeded.test.count: a']);
      broker.confirmFrom(0);
      await Promise.all(all);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('says of each event of a message that was refused that it was, and goes on', async () => {
    const broker = new Broker();
    const publisher = new EventPublisher(broker);
    const refused = Promise.allSettled([
      publisher.publish(progressed('a')),
      publisher.publish(progressed('b')),
    ]);
    await turn();
    broker.messages[0]!.refuse(new Error('no room'));
    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = publisher.publish(progressed('c'));
    await turn();
    broker.confirmFrom(1);
    await next;
  });

  it('makes no message larger than brokers take', async () => {
    const broker = new Broker();
    const publisher = new EventPublisher(broker);
    const large = Array.from({ length: 5 }, (_, i) =>
      publisher.publish(progressed(`large${i}`, 'x'.repeat(100_000))),
    );
    const many = Array.from({ length: 200 }, (_, i) => publisher.publish(succeeded(`job${i}`)));
    await turn();
    expect(broker.messages.map(({ jobs }) => jobs.length)).toEqual([2, 2, 1, 128, 72]);
    broker.confirmFrom(0);
    await Promise.all([...large, ...many]);
  });

  it('lets what must outlive the process wait for nothing', async () => {
    const broker = new Broker();
    const publisher = new EventPublisher(broker);
    const first = publisher.publish(progressed('a'));
    const safe = publisher.publish(progressed('b'), { outlives: true });
    expect(broker.messages.map(({ options }) => options)).toEqual([{ outlives: true }]);
    await turn();
    broker.confirmFrom(0);
    await Promise.all([first, safe]);
  });
});

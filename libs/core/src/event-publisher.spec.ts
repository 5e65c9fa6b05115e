import { describe, expect, it } from '@jest/globals';
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

  get told(): string[] {
    return this.messages.map(({ topic, jobs }) => `${topic}: ${jobs.join(' ')}`);
  }
}

function started(jobId: string, message = ''): JobEvent {
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
  ...started(jobId),
  kind: 'succeeded',
  result: null,
  assets: [],
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the publisher of events', () => {
  it('sends a single event at once, as a message of its own', async () => {
    const broker = new Broker();
    const publishing = new EventPublisher(broker).publish(started('a'));
    expect(broker.told).toEqual(['progressed.test.count: a']);
    broker.messages[0]!.confirm();
    await publishing;
  });

  it('lets those that come meanwhile share the next message of their topic, in their order', async () => {
    const broker = new Broker();
    const publisher = new EventPublisher(broker);
    const all = [started('a'), started('b'), succeeded('a'), started('c')].map((each) =>
      publisher.publish(each),
    );
    expect(broker.told).toEqual(['progressed.test.count: a']);
    broker.messages[0]!.confirm();
    await turn();
    expect(broker.told.slice(1)).toEqual(['progressed.test.count: b c', 'succeeded.test.count: a']);
    broker.messages.slice(1).forEach(({ confirm }) => confirm());
    await Promise.all(all);
  });

  it('says of each event of a message that was refused that it was, and goes on', async () => {
    const broker = new Broker();
    const publisher = new EventPublisher(broker);
    const first = publisher.publish(started('a'));
    const refused = Promise.allSettled([publisher.publish(started('b')), publisher.publish(started('c'))]);
    broker.messages[0]!.confirm();
    await first;
    await turn();
    broker.messages[1]!.refuse(new Error('no room'));
    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = publisher.publish(started('d'));
    await turn();
    broker.messages[2]!.confirm();
    await next;
  });

  it('makes no message larger than brokers take', async () => {
    const broker = new Broker();
    const publisher = new EventPublisher(broker);
    const first = publisher.publish(started('a'));
    const large = Array.from({ length: 5 }, (_, i) =>
      publisher.publish(started(`large${i}`, 'x'.repeat(100_000))),
    );
    const many = Array.from({ length: 200 }, (_, i) => publisher.publish(succeeded(`job${i}`)));
    broker.messages[0]!.confirm();
    await turn();
    expect(broker.messages.slice(1).map(({ jobs }) => jobs.length)).toEqual([2, 2, 1, 128, 72]);
    broker.messages.slice(1).forEach(({ confirm }) => confirm());
    await Promise.all([first, ...large, ...many]);
  });

  it('lets what must outlive the process wait for nothing', async () => {
    const broker = new Broker();
    const publisher = new EventPublisher(broker);
    const first = publisher.publish(started('a'));
    const safe = publisher.publish(started('b'), { outlives: true });
    expect(broker.messages.map(({ options }) => options)).toEqual([undefined, { outlives: true }]);
    broker.messages.forEach(({ confirm }) => confirm());
    await Promise.all([first, safe]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type JobMessage, type Settlement, type Transport } from '@heavylift/core';
import { createEmbeddedTransport } from './embedded-transport.js';

const complete: Settlement = { kind: 'complete' };

describe('embedded memory', () => {
  let transport: Transport;

  beforeEach(async () => {
    transport = createEmbeddedTransport();
    await transport.connect([{ name: 'test.one' }, { name: 'test.two' }]);
  });
  afterEach(() => transport.close());

  it('drains a hundred thousand waiting jobs in their order', async () => {
    for (let n = 0; n < 100_000; n++) await transport.send(message(n));
    expect(await transport.inspect('test.one')).toEqual({ ready: 100_000, inFlight: 0, deadLettered: 0 });
    const bodies = await drain(transport, 100_000, 20);
    expect(bodies).toEqual(Array.from({ length: 100_000 }, (_, n) => n));
  });

  it('brings ten thousand delayed jobs back', async () => {
    for (let n = 0; n < 10_000; n++) await transport.send(message(n), { delayMs: n % 300 });
    expect(new Set(await drain(transport, 10_000, 100)).size).toBe(10_000);
  });

  it('keeps a delay that is longer than a timer can be', async () => {
    await transport.send(message(1), { delayMs: 60 * 86_400_000 });
    await transport.send(message(2), { delayMs: 50 });
    expect(await drain(transport, 1, 1)).toEqual([2]);
    expect(await transport.inspect('test.one')).toEqual({ ready: 0, inFlight: 0, deadLettered: 0 });
  });

  it('never runs a consumer within the call that sends', async () => {
    const ran: string[] = [];
    await transport.consume([['test.one']], 5, async (delivery) => {
      ran.push(delivery.message.id);
      return complete;
    });
    await transport.send(message(1));
    expect(ran).toEqual([]);
  });

  it('keeps a job as it was, although the sender uses its buffer again', async () => {
    const body = Buffer.from('7');
    await transport.send({ ...message(1), body });
    body.write('8');
    expect(await drain(transport, 1, 1)).toEqual([7]);
  });

  it('serves the queues of a consumption in turn', async () => {
    for (let n = 0; n < 3; n++) await transport.send(message(n));
    for (let n = 10; n < 13; n++) await transport.send({ ...message(n), queue: 'test.two' });
    expect(await drain(transport, 6, 1)).toEqual([0, 10, 1, 11, 2, 12]);
  });

  it('holds an event that is to outlive the process until every group has taken it', async () => {
    await transport.publish('a.test', Buffer.from('nobody is there yet'), { outlives: true });
    let refusals = 1;
    let taken = false;
    await transport.subscribe(async () => {
      if (refusals-- > 0) throw new Error('no luck');
      taken = true;
    }, 'test');
    await transport.publish('a.test', Buffer.from('1'), { outlives: true });
    expect(taken).toBe(true);
  });

  it('hands the last of a group all that was published before it left', async () => {
    const heard: string[] = [];
    const group = await transport.subscribe(
      async (events) => void heard.push(...events.map(({ topic }) => topic)),
      'test',
    );
    for (let n = 0; n < 1_000; n++) await transport.publish(`n${n}.test.one`, Buffer.from(''));
    await group.stop();
    expect(heard).toHaveLength(1_000);
  });

  it('takes a job anew once it is settled', async () => {
    await transport.send(message(1));
    await drain(transport, 1, 1);
    await transport.send(message(1));
    expect(await drain(transport, 1, 1)).toEqual([1]);
  });

  it('names another keeper for another memory', async () => {
    expect(createEmbeddedTransport().keeper).not.toBe(transport.keeper);
  });
});

/** The bodies of the next `count` jobs, by a consumption that is stopped afterwards. */
async function drain(transport: Transport, count: number, concurrency: number): Promise<number[]> {
  const bodies: number[] = [];
  let done = (): void => {};
  const all = new Promise<void>((resolve) => (done = resolve));
  const consumption = await transport.consume([['test.one', 'test.two']], concurrency, async (delivery) => {
    if (bodies.push(Number(Buffer.from(delivery.message.body).toString())) === count) done();
    return complete;
  });
  await all;
  await consumption.stop();
  return bodies;
}

function message(n: number): JobMessage {
  const body = Buffer.from(String(n));
  return {
    id: `job-${n}`,
    queue: 'test.one',
    type: 'test',
    attempt: 1,
    suspected: 0,
    release: 0,
    headers: {},
    body,
  };
}

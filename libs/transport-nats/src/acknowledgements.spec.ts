import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type NatsServer, startNats, waitUntil } from '@heavylift/test-servers';
import type { Msg } from 'nats';
import { Acknowledgements } from './acknowledgements.js';
import { parseAddress } from './address.js';
import { Connection } from './connection.js';
import { Held } from './held.js';
import { Leases } from './lease.js';

const message = { queue: 'a', type: 't', attempt: 1, suspected: 0, release: 0, headers: {} };
const waits = { timeoutMs: 30_000 };

describe('acknowledgements', () => {
  let server: NatsServer;
  let connection: Connection;
  let acknowledged = new Set<string>();
  /** What waits for its confirmation, until it is said that all are to be confirmed. */
  let unconfirmed: Msg[] = [];
  let confirming = false;
  let freed: string[] = [];
  const leases = new Leases<Msg>(60_000, async () => {});

  beforeAll(async () => {
    server = await startNats();
    connection = new Connection({
      address: parseAddress(server.url),
      clientName: 'test',
      declare: async () => {},
      warn: () => {},
    });
    await connection.open();
    connection.nc.subscribe('acks.*', {
      callback: (_, ack) => {
        acknowledged.add(ack.subject);
        if (ack.reply && !confirming) unconfirmed.push(ack);
        else if (ack.reply) ack.respond();
      },
    });
  }, 60_000);

  beforeEach(() => {
    [acknowledged, unconfirmed, confirming, freed] = [new Set(), [], false, []];
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
  });

  function confirm(): void {
    confirming = true;
    unconfirmed.forEach((ack) => ack.respond());
  }

  function acknowledgements(most: number): Acknowledgements {
    return new Acknowledgements({ connection, most: () => most, failed: () => {}, leaving: () => false });
  }

  function held(id: string, from = leases): Held {
    const raw = { subject: 'jobs', reply: `acks.${id}` } as Msg;
    const room = { settled: () => void freed.push(id) };
    return new Held(raw, { ...message, id, body: Buffer.from('') }, from.begin(raw), room);
  }

  it('of one turn go together, by one confirmation, and free their slots before it', async () => {
    const acks = acknowledgements(10);
    await Promise.all(['1', '2', '3'].map((id) => acks.acknowledge(held(id))));
    expect(freed).toEqual(['1', '2', '3']);
    await waitUntil('all are there', async () => acknowledged.size === 3, waits);
    expect(new Set(unconfirmed.map(({ subject }) => subject))).toEqual(new Set(['acks.3']));
    confirm();
    await acks.done();
  });

  it('wait, and keep their slots, while as many are unconfirmed as there are slots', async () => {
    const acks = acknowledgements(2);
    await Promise.all(['1', '2'].map((id) => acks.acknowledge(held(id))));
    const third = acks.acknowledge(held('3'));
    await waitUntil('the first are there', async () => acknowledged.size === 2, waits);
    await connection.nc.flush();
    expect(acknowledged).toEqual(new Set(['acks.1', 'acks.2']));
    expect(freed).toEqual(['1', '2']);
    confirm();
    await third;
    expect(freed).toEqual(['1', '2', '3']);
    await acks.done();
    expect(acknowledged.size).toBe(3);
  });

  it('are done only when they are confirmed', async () => {
    const acks = acknowledgements(2);
    let done = false;
    await acks.acknowledge(held('1'));
    const all = acks.done().then(() => (done = true));
    await waitUntil('it is there', async () => acknowledged.size === 1, waits);
    await connection.nc.flush();
    expect(done).toBe(false);
    confirm();
    await all;
  });

  it('are void once the lease is lost', async () => {
    const acks = acknowledgements(2);
    const losing = new Leases<Msg>(24, () => Promise.reject(new Error('no answer')));
    const job = held('1', losing);
    await waitUntil('it is lost', async () => job.lost.aborted, waits);
    await acks.acknowledge(job);
    await acks.done();
    await connection.nc.flush();
    expect(acknowledged.size).toBe(0);
    expect(freed).toEqual(['1']);
  });
});

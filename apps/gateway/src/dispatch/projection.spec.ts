import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { encodeEvent, eventTopic, type JobEvent, type Transport, type TransportEvent } from '@heavylift/core';
import { waitUntil } from '@heavylift/test-servers';
import { createEmbeddedTransport } from '@heavylift/transport-embedded';
import { event, newJob } from '../store/job-store.fixtures.js';
import type { JobStore } from '../store/job-store.js';
import { openJobStore } from '../store/open-job-store.js';
import { StoreUnavailableError } from '../store/store-unavailable-error.js';
import { OutboxRelay } from './outbox-relay.js';
import { Projection } from './projection.js';
import { Lines } from './recorder.fixtures.js';

const patience = { timeoutMs: 30_000, everyMs: 10 };

describe('the projection', () => {
  let store: JobStore;
  let transport: Transport;
  let lines: Lines;
  let projections: Projection[];

  beforeEach(async () => {
    store = await openJobStore('sqlite::memory:');
    transport = createEmbeddedTransport();
    await transport.connect([{ name: 'video.transcode' }]);
    lines = new Lines();
    projections = [];
  });
  afterEach(async () => {
    for (const projection of projections) await projection.stop();
    await transport.close();
    await store.close();
  });

  async function start(target: Pick<JobStore, 'project' | 'addLogs'> = store): Promise<Projection> {
    const projection = new Projection(target, { logger: lines });
    projections.push(projection);
    await projection.start(transport);
    return projection;
  }

  const publish = (one: JobEvent): Promise<void> => transport.publish(eventTopic(one), encodeEvent(one));
  const statusIs = (id: string, status: string): Promise<void> =>
    waitUntil(`${id} is ${status}`, async () => (await store.get(id))?.status === status, patience);

  it('brings the store in step with the events and tells its listeners', async () => {
    const job = newJob();
    await store.accept([job]);
    const projection = await start();
    const heard: string[] = [];
    const unheard: string[] = [];
    const stop = projection.onChange((ids) => unheard.push(...ids));
    projection.onChange((ids) => heard.push(...ids));
    stop();
    await publish(event(job, { kind: 'started' }));
    await publish(event(job, { kind: 'succeeded', result: { ok: true }, assets: [] }));
    await statusIs(job.id, 'succeeded');
    await waitUntil('listeners heard', async () => heard.includes(job.id), patience);
    expect(unheard).toEqual([]);
  });

  it('drops a body that is no event, and an event of an unknown job, and goes on', async () => {
    const job = newJob();
    await store.accept([job]);
    await start();
    await transport.publish('started.video.transcode', new TextEncoder().encode('no event at all'));
    await publish(event(newJob(), { kind: 'started' }));
    await publish(event(job, { kind: 'started' }));
    await statusIs(job.id, 'running');
    expect(lines.at('warn')).toContain('a message that holds no events was dropped');
  });

  it('records an event that comes alone at once, and takes what comes next a moment later, or when it stops', async () => {
    const job = newJob();
    await store.accept([job]);
    const projection = new Projection(store, { logger: lines });
    const take = await listenerOf(projection);
    const heard = nextChange(projection);
    let taken = 0;
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] });
    try {
      const first = take([messageOf(event(job, { kind: 'started' }))]).then(() => taken++);
      await heard;
      await new Promise((resolve) => setImmediate(resolve));
      expect(taken).toBe(0);
      await jest.advanceTimersByTimeAsync(10);
      await first;
      const ended = nextChange(projection);
      const second = take([messageOf(event(job, { kind: 'succeeded', result: {}, assets: [] }))]);
      await ended;
      await projection.stop();
      await second;
    } finally {
      jest.useRealTimers();
    }
    expect(await store.get(job.id)).toMatchObject({ status: 'succeeded' });
  });

  it('drops only the event of a batch that cannot be stored', async () => {
    const jobs = [newJob(), newJob(), newJob()] as const;
    await store.accept(jobs);
    const broken = {
      ...event(jobs[1], { kind: 'succeeded', result: 1, assets: [] }),
      assets: 'none',
    } as never;
    const projection = new Projection(store, { logger: lines });
    const batch = [event(jobs[0], { kind: 'started' }), broken, event(jobs[2], { kind: 'started' })];
    await deliver(projection, batch);
    expect(await store.get(jobs[0].id)).toMatchObject({ status: 'running' });
    expect(await store.get(jobs[1].id)).toMatchObject({ status: 'queued' });
    expect(await store.get(jobs[2].id)).toMatchObject({ status: 'running' });
    expect(lines.at('error')).toEqual(['an event that cannot be stored was dropped']);
  });

  it('has a batch brought again until the store is back, and loses none', async () => {
    const job = newJob();
    await store.accept([job]);
    let refusals = 2;
    await start({
      addLogs: (logged) => store.addLogs(logged),
      project: async (events) => {
        if (refusals-- > 0) throw new StoreUnavailableError('store', { cause: new Error('gone') });
        return store.project(events);
      },
    });
    await publish(event(job, { kind: 'started' }));
    await statusIs(job.id, 'running');
    expect(lines.at('warn')).toContain('events wait: the store cannot be used');
  });

  it('goes on when a listener fails', async () => {
    const job = newJob();
    await store.accept([job]);
    const projection = await start();
    const heard: string[] = [];
    projection.onChange(() => {
      throw new Error('a listener broke');
    });
    projection.onChange((ids) => heard.push(...ids));
    await publish(event(job, { kind: 'started' }));
    await waitUntil('the other heard', async () => heard.includes(job.id), patience);
    expect(lines.at('error')).toEqual(['a listener to changed jobs failed']);
  });

  it('closes the circle: accepted, sent, worked on, recorded', async () => {
    const projection = await start();
    const relay = new OutboxRelay(store, transport, {
      source: '/gateway/test',
      logger: lines,
      record: (events) => projection.record(events),
    });
    relay.start();
    await transport.consume([['video.transcode']], 4, async ({ message }) => {
      const job = { id: message.id, type: message.queue };
      await publish(event(job, { kind: 'started', attempt: message.attempt, run: message.id }));
      await publish(event(job, { kind: 'succeeded', result: {}, assets: [], attempt: message.attempt }));
      return { kind: 'complete' };
    });
    const jobs = Array.from({ length: 50 }, () => newJob());
    await store.accept(jobs);
    relay.wake();
    await waitUntil('all succeeded', async () => (await store.counts()).succeeded === 50, patience);
    await relay.stop();
    const history = await store.history(jobs[0]!.id);
    expect(history.map(({ kind }) => kind)).toEqual(['queued', 'started', 'succeeded']);
    expect(lines.at('warn')).toEqual([]);
  });
});

function messageOf(one: JobEvent): TransportEvent {
  return { topic: eventTopic(one), body: encodeEvent(one) };
}

type Listener = Parameters<Transport['subscribe']>[0];

/** What a transport would call. */
async function listenerOf(projection: Projection): Promise<Listener> {
  let listener: Listener | undefined;
  await projection.start({
    subscribe: async (one) => {
      listener = one;
      return { stop: async () => {}, check: async () => {} };
    },
  });
  return listener!;
}

function nextChange(projection: Projection): Promise<void> {
  return new Promise((resolve) => {
    const stop = projection.onChange(() => (stop(), resolve()));
  });
}

/** Hands the projection one batch, as a transport would. */
async function deliver(projection: Projection, events: readonly JobEvent[]): Promise<void> {
  const take = await listenerOf(projection);
  const handed = take(events.map(messageOf));
  await projection.stop();
  await handed;
}

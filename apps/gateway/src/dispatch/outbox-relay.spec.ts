import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeCommand, TransportError } from '@heavylift/core';
import { waitUntil } from '@heavylift/test-servers';
import { event, newJob } from '../store/job-store.fixtures.js';
import type { JobStore } from '../store/job-store.js';
import { openJobStore } from '../store/open-job-store.js';
import type { Outbox } from '../store/outbox.js';
import { StoreUnavailableError } from '../store/store-unavailable-error.js';
import { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
import { Lines, Recorder } from './recorder.fixtures.js';

type RelayStore = Outbox & Pick<JobStore, 'project'>;

const patience = { timeoutMs: 30_000, everyMs: 10 };
const failure = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };

describe('the outbox relay', () => {
  let store: JobStore;
  let recorder: Recorder;
  let lines: Lines;
  let relays: OutboxRelay[];
  let ahead: number;

  beforeEach(async () => {
    ahead = 0;
    store = await openJobStore('sqlite::memory:', () => Date.now() + ahead);
    recorder = new Recorder();
    lines = new Lines();
    relays = [];
  });
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await store.close();
  });

  function relay(options: Partial<OutboxRelayOptions> = {}, outbox: RelayStore = store): OutboxRelay {
    const made = new OutboxRelay(outbox, recorder, { source: '/gateway/test', logger: lines, ...options });
    relays.push(made);
    made.start();
    return made;
  }

  const sentAll = (ids: readonly string[]): Promise<void> =>
    waitUntil('all are sent', async () => missing(ids, recorder.ids) === 0, patience);

  it('sends a job as its command, tells that it is queued, and does not send it again', async () => {
    const job = newJob({ type: 'image.resize', version: 2 });
    const running = relay({ pollMs: 20 });
    await store.accept([job]);
    running.wake();
    await sentAll([job.id]);
    const [{ message, delayMs }] = recorder.sent as [(typeof recorder.sent)[number]];
    expect(message).toMatchObject({
      id: job.id,
      queue: 'image.resize',
      type: 'heavylift.job.image.resize.v2',
      attempt: 1,
      release: 0,
      headers: {},
    });
    expect(decodeCommand(message.body)).toEqual({
      id: job.id,
      jobType: 'image.resize',
      version: 2,
      payload: job.payload,
      maxAttempts: 3,
      timeoutMs: 60_000,
      source: '/gateway/test',
      time: job.createdAt,
    });
    expect(delayMs).toBe(0);
    await pause(100);
    await running.stop();
    expect(recorder.published).toEqual(['queued.image.resize']);
    expect(recorder.tries).toBe(1);
    expect(await store.takeUndispatched('keeper-1', 10, 1)).toEqual([]);
  });

  it('finds a job by itself that nobody woke it for', async () => {
    relay({ pollMs: 20 });
    const job = newJob();
    await store.accept([job]);
    await sentAll([job.id]);
  });

  it('sends by itself what is stored under its hold, past the outbox and once', async () => {
    let taken = 0;
    const running = relay(
      { pollMs: 60_000 },
      { ...bound(store), takeUndispatched: (...how) => (taken++, store.takeUndispatched(...how)) },
    );
    await waitUntil('it gives holds', async () => running.hold(1) !== undefined, patience);
    const asked = taken;
    const jobs = Array.from({ length: 20 }, () => newJob());
    const hold = running.hold(jobs.length);
    await store.accept(jobs, [], hold);
    running.accepted(jobs, hold);
    await sentAll(jobs.map(({ id }) => id));
    await running.stop();
    expect(taken).toBe(asked);
    expect(recorder.tries).toBe(20);
    expect(recorder.sent.map(({ message }) => [message.attempt, message.release])).toEqual(
      jobs.map(() => [1, 0]),
    );
    ahead = 3_600_000;
    expect(await store.takeUndispatched('keeper-1', 100, 1)).toEqual([]);
    expect(running.hold(1)).toBeUndefined();
  });

  it('gives no hold before its start, over its measure, or while the broker refuses; what was refused under one is sent', async () => {
    const unconnected = {
      send: () => Promise.reject(new Error('not connected')),
      publish: () => Promise.reject(new Error('not connected')),
      get keeper(): string {
        throw new TransportError('broker.unreachable', 'not connected yet');
      },
    };
    const idle = new OutboxRelay(store, unconnected, { source: '/gateway/test', logger: lines });
    expect(idle.hold(1)).toBeUndefined();
    const running = relay({ pollMs: 20 });
    await waitUntil('it gives holds', async () => running.hold(1) !== undefined, patience);
    expect(running.hold(1_001)).toBeUndefined();
    let isAway = true;
    recorder.onSend = () => {
      if (isAway) throw new TransportError('broker.unreachable', 'the broker is away');
    };
    const job = newJob();
    const hold = running.hold(1);
    await store.accept([job], [], hold);
    running.accepted([job], hold);
    await waitUntil('it was refused', async () => running.hold(1) === undefined, patience);
    isAway = false;
    await sentAll([job.id]);
    await waitUntil('it gives holds again', async () => running.hold(1) !== undefined, patience);
  });

  it('sends again what may have gone to another keeper', async () => {
    const running = relay({ pollMs: 20 });
    await waitUntil('it gives holds', async () => running.hold(1) !== undefined, patience);
    const job = newJob();
    const hold = running.hold(1);
    await store.accept([job], [], hold);
    recorder.keeper = 'keeper-2';
    running.accepted([job], hold);
    await waitUntil('it is sent for the second', async () => recorder.tries >= 2, patience);
    await running.stop();
    ahead = 3_600_000;
    expect(await store.takeUndispatched('keeper-2', 100, 1)).toEqual([]);
  });

  it('sends a thousand jobs side by side, each once, and not all at once', async () => {
    recorder.onSend = () => pause(5);
    const jobs = Array.from({ length: 3_000 }, () => newJob());
    await store.accept(jobs);
    const running = relay();
    await sentAll(jobs.map(({ id }) => id));
    await running.stop();
    expect(recorder.tries).toBe(3_000);
    expect(recorder.mostInFlight).toBeGreaterThan(200);
    expect(recorder.mostInFlight).toBeLessThanOrEqual(800);
  });

  it('goes on past a message that is stuck', async () => {
    const [stuck, next] = [newJob(), newJob()] as const;
    let free = (): void => {};
    const blocked = new Promise<void>((resolve) => (free = resolve));
    recorder.onSend = (message) => (message.id === stuck.id ? blocked : undefined);
    const running = relay({ pollMs: 60_000 });
    await store.accept([stuck]);
    running.wake();
    await waitUntil('one is stuck', async () => recorder.tries === 1, patience);
    await store.accept([next]);
    running.wake();
    await sentAll([next.id]);
    free();
    await sentAll([stuck.id]);
  });

  it('keeps what is on its way for a long time, and leaves it to another within ten seconds once it is dead', async () => {
    const job = newJob();
    await store.accept([job]);
    let free = (): void => {};
    const blocked = new Promise<void>((resolve) => (free = resolve));
    recorder.onSend = () => blocked;
    const renewals: { readonly ids: readonly string[]; readonly ms: number | undefined }[] = [];
    const dying: RelayStore = {
      ...bound(store),
      markDispatched: async () => {},
      releaseUndispatched: async (ids, ms) => {
        if (renewals.length > 0) return;
        await store.releaseUndispatched(ids, ms);
        renewals.push({ ids, ms });
      },
    };
    relay({}, dying);
    await waitUntil('the lease is renewed', async () => renewals.length === 1, patience);
    expect(renewals).toEqual([{ ids: [job.id], ms: 9_000 }]);
    expect(await store.takeUndispatched('keeper-1', 10, 1)).toEqual([]);
    ahead = 10_000;
    expect(await store.takeUndispatched('keeper-1', 10, 1)).toMatchObject([{ job: { id: job.id } }]);
    free();
  });

  it('loses nothing while the broker is away, neither spins nor floods the log, and sends all when it is back', async () => {
    let away = true;
    recorder.onSend = () => {
      if (away) throw new TransportError('broker.unreachable', 'the broker is away');
    };
    const jobs = Array.from({ length: 120 }, () => newJob());
    await store.accept(jobs);
    const began = Date.now();
    const running = relay({ pollMs: 20 });
    while (Date.now() < began + 1_200) {
      running.wake();
      await pause(10);
    }
    const seconds = (Date.now() - began) / 1_000;
    expect(recorder.tries).toBeLessThanOrEqual(120 + 10 * 4 * Math.ceil(seconds));
    expect(lines.at('warn').length).toBeLessThanOrEqual(1 + Math.ceil(seconds));
    expect(lines.at('warn')[0]).toMatch(/jobs wait: the broker did not confirm/);
    away = false;
    await sentAll(jobs.map(({ id }) => id));
    await running.stop();
    expect(recorder.sent).toHaveLength(120);
  });

  it('lets one refused job wait without holding up the others', async () => {
    const refused = newJob();
    let refusing = true;
    recorder.onSend = ({ id }) => {
      if (refusing && id === refused.id) throw new TransportError('broker.refused', 'too large');
    };
    await store.accept([refused]);
    relay({ pollMs: 20 });
    for (let round = 0; round < 3; round++) {
      const jobs = Array.from({ length: 30 }, () => newJob());
      await store.accept(jobs);
      await sentAll(jobs.map(({ id }) => id));
    }
    refusing = false;
    await sentAll([refused.id]);
  });

  it('sends the same message again when the note of the first sending was lost', async () => {
    const job = newJob();
    await store.accept([job]);
    let failing = true;
    const forgetful: RelayStore = {
      ...bound(store),
      markDispatched: async (ids: readonly string[], keeper: string) => {
        if (failing) throw new StoreUnavailableError('store', { cause: new Error('gone') });
        await store.markDispatched(ids, keeper);
      },
    };
    relay({ pollMs: 20 }, forgetful);
    await sentAll([job.id]);
    failing = false;
    ahead = 31_000;
    await waitUntil('it is sent again', async () => recorder.sent.length === 2, patience);
    expect(recorder.sent[1]).toEqual(recorder.sent[0]);
  });

  it('sends a job that a worker was proven to have not again, although the note was lost', async () => {
    const job = newJob();
    await store.accept([job]);
    await store.takeUndispatched('keeper-1', 10, 1_000);
    await store.project([event(job, { kind: 'started' })]);
    ahead = 2_000;
    const other = newJob();
    await store.accept([other]);
    relay({ pollMs: 20 });
    await sentAll([other.id]);
    expect(recorder.ids).toEqual([other.id]);
  });

  it('queues a scheduled job when it is due, then sends it', async () => {
    const recorded: string[] = [];
    const job = newJob({ dueAt: new Date(Date.now() + 300).toISOString() });
    await store.accept([job]);
    relay({
      pollMs: 20,
      record: async (events) => {
        recorded.push(...events.map(({ kind }) => kind));
        await store.project(events);
      },
    });
    await sentAll([job.id]);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(job.dueAt!));
    expect(recorded).toEqual(['queued']);
    expect(await store.get(job.id)).toMatchObject({ status: 'queued' });
    expect(await store.history(job.id)).toMatchObject([{ kind: 'queued', seq: 1 }]);
  });

  it('does not let a job that becomes due wait for the next poll', async () => {
    const jobs = [400, 800, 1_200].map((ms) => newJob({ dueAt: new Date(Date.now() + ms).toISOString() }));
    await store.accept(jobs);
    const sentAt = new Map<string, number>();
    recorder.onSend = ({ id }) => void sentAt.set(id, Date.now());
    relay({ pollMs: 10_000 });
    await sentAll(jobs.map(({ id }) => id));
    const late = jobs.map(({ id, dueAt }) => sentAt.get(id)! - Date.parse(dueAt!));
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThan(5_000);
  });

  it('sends what a forgotten keeper held: a job that ran as its next attempt, one that waits with the rest of its delay', async () => {
    const [fresh, running, retrying] = [newJob(), newJob(), newJob()] as const;
    await store.accept([fresh, running, retrying]);
    const first = relay({ pollMs: 20 });
    await sentAll([fresh.id, running.id, retrying.id]);
    await first.stop();
    const nextAttemptAt = new Date(Date.now() + 60_000).toISOString();
    await store.project([
      event(running, { kind: 'started' }),
      event(retrying, { kind: 'started' }),
      event(retrying, { kind: 'retrying', error: failure, nextAttemptAt }),
    ]);
    recorder = new Recorder('keeper-2');
    relay({ pollMs: 20 });
    await sentAll([fresh.id, running.id, retrying.id]);
    const byId = new Map(recorder.sent.map((sent) => [sent.message.id, sent]));
    expect(byId.get(fresh.id)).toMatchObject({ delayMs: 0, message: { attempt: 1 } });
    expect(byId.get(running.id)).toMatchObject({ delayMs: 0, message: { attempt: 2 } });
    expect(byId.get(retrying.id)).toMatchObject({ message: { attempt: 2 } });
    expect(byId.get(retrying.id)!.delayMs).toBeGreaterThan(30_000);
    expect(byId.get(retrying.id)!.delayMs).toBeLessThanOrEqual(60_000);
    expect(lines.at('info')).toHaveLength(1);
  });

  it('stops only when what is on its way is confirmed and noted', async () => {
    let free = (): void => {};
    recorder.onSend = () => new Promise<void>((resolve) => (free = resolve));
    await store.accept([newJob()]);
    const running = relay();
    await waitUntil('it is on its way', async () => recorder.inFlight === 1, patience);
    const stopped = running.stop().then(() => recorder.sent.length);
    free();
    expect(await stopped).toBe(1);
    expect(await store.takeUndispatched('keeper-1', 10, 1)).toEqual([]);
  });

  it('waits for a store that is away, and goes on when it is back', async () => {
    let away = true;
    const failing: RelayStore = {
      ...bound(store),
      takeUndispatched: async (keeper: string, limit: number, leaseMs: number) => {
        if (away) throw new StoreUnavailableError('store', { cause: new Error('gone') });
        return store.takeUndispatched(keeper, limit, leaseMs);
      },
    };
    const job = newJob();
    await store.accept([job]);
    relay({ pollMs: 20 }, failing);
    await waitUntil('it says so', async () => lines.at('warn').length > 0, patience);
    expect(lines.at('warn')[0]).toMatch(/could not be taken from the store/);
    away = false;
    await sentAll([job.id]);
  });
});

/** The calls of a store that the relay makes, so that some of them can be replaced. */
function bound(store: JobStore): RelayStore {
  return {
    adopt: (keeper) => store.adopt(keeper),
    sendAgain: (ids) => store.sendAgain(ids),
    takeUndispatched: (keeper, limit, leaseMs) => store.takeUndispatched(keeper, limit, leaseMs),
    nextDue: (after) => store.nextDue(after),
    markDispatched: (ids, keeper) => store.markDispatched(ids, keeper),
    releaseUndispatched: (ids, pauseMs) => store.releaseUndispatched(ids, pauseMs),
    project: (events) => store.project(events),
  };
}

function missing(wanted: readonly string[], found: readonly string[]): number {
  const there = new Set(found);
  return wanted.filter((id) => !there.has(id)).length;
}

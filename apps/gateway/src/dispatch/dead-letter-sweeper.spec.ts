import type { EventFacts, JobEvent, JobMessage, Transport } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../gateway.fixtures.js';
import { event, newJob } from '../store/job-store.fixtures.js';
import type { JobStore, NewJob } from '../store/job-store.js';
import { openJobStore } from '../store/open-job-store.js';
import { DeadLetterSweeper } from './dead-letter-sweeper.js';
import { Lines } from './recorder.fixtures.js';

const error = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };
const failed = { kind: 'failed', error } as const;
let types = 0;

describe('the dead-letter sweeper', () => {
  let type: string;
  let store: JobStore;
  let transport: Transport;
  let sweeper: DeadLetterSweeper;

  beforeEach(async () => {
    type = `test.sweep${++types}`;
    store = await openJobStore('sqlite::memory:');
    transport = await createTransport('embedded:', 'test');
    await transport.connect([{ name: type }]);
    sweeper = newSweeper();
  });
  afterEach(async () => {
    await sweeper.stop();
    await transport.close();
    await store.close();
  });

  const newSweeper = (over: Partial<Transport> = {}): DeadLetterSweeper =>
    new DeadLetterSweeper({
      store,
      transport: {
        inspect: (queue) => transport.inspect(queue),
        deadLetters: (queue, limit) => transport.deadLetters(queue, limit),
        discard: (queue, upTo) => transport.discard(queue, upTo),
        ...over,
      },
      jobTypes: [type],
      logger: new Lines(),
    });

  async function accepted(...facts: (EventFacts & Partial<JobEvent>)[]): Promise<NewJob> {
    const job = newJob({ type });
    await store.accept([job]);
    await store.project(facts.map((one) => event(job, one)));
    return job;
  }

  async function bury(id: string, attempt = 1): Promise<void> {
    const at = { type, release: 0, suspected: 0, headers: {}, body: Buffer.from('{}') };
    const message: JobMessage = { id, queue: type, attempt, ...at };
    const before = (await transport.inspect(type)).deadLettered;
    const consumption = await transport.consume([[type]], 1, async () => ({
      kind: 'deadLetter',
      reason: 'no.luck',
    }));
    await transport.send(message);
    await until('it is dead', async () => (await transport.inspect(type)).deadLettered > before, 20_000);
    await consumption.stop();
  }

  const left = async (): Promise<string[]> =>
    (await transport.deadLetters(type, 100)).map(({ message }) => message.id);
  const redrive = (id: string): Promise<string[]> => store.redrive([{ id, attempts: 3 }]);

  it('takes what was redriven or discarded, and nothing else', async () => {
    const [again, forgotten, dead] = [await accepted(failed), await accepted(failed), await accepted(failed)];
    for (const { id } of [again, forgotten, dead]) await bury(id);
    await bury('of somebody else');
    expect(await sweeper.sweep()).toBe(0);
    await redrive(again.id);
    await store.discard([forgotten.id]);
    expect(await newSweeper().sweep()).toBe(2);
    expect(await left()).toEqual([dead.id, 'of somebody else']);
  });

  it('takes what was left behind by a job that has expired', async () => {
    const job = await accepted(failed);
    await bury(job.id);
    expect(await sweeper.sweep()).toBe(0);
    expect(await store.removeExpired(Date.now() + 86_400_000, 10)).toBe(1);
    expect(await newSweeper().sweep()).toBe(1);
  });

  it('leaves what has just died, and is not recorded yet', async () => {
    const running = await accepted({ kind: 'started' });
    const suspected = await accepted({ kind: 'started', attempt: 3 });
    for (const { id } of [running, suspected]) await bury(id);
    expect(await sweeper.sweep()).toBe(0);
    expect(await left()).toEqual([running.id, suspected.id]);
  });

  it('takes what was not recorded at its last look, although the number is the same', async () => {
    const job = await accepted({ kind: 'started' });
    await bury(job.id);
    expect(await sweeper.sweep()).toBe(0);
    await store.project([event(job, { kind: 'cancelled' })]);
    expect(await sweeper.sweep()).toBe(1);
  });

  it('leaves the later death of a job that was redriven', async () => {
    const job = await accepted(failed);
    await redrive(job.id);
    await store.project([event(job, { ...failed, attempt: 2 })]);
    await bury(job.id, 2);
    sweeper.left([{ id: job.id, type, attempt: 1 }]);
    expect(await sweeper.sweep()).toBe(0);
    expect(await left()).toEqual([job.id]);
  });

  it('takes what it is told within moments, wherever it lies', async () => {
    const jobs = [await accepted(failed), await accepted(failed)];
    for (const { id } of jobs) await bury(id);
    sweeper = newSweeper({ deadLetters: async () => [] });
    sweeper.start();
    await redrive(jobs[1]!.id);
    sweeper.left([{ id: jobs[1]!.id, type, attempt: 1 }]);
    await until('it is gone', async () => (await transport.inspect(type)).deadLettered === 1, 20_000);
    expect(await left()).toEqual([jobs[0]!.id]);
  });

  it('does it once the broker is back, although one sweep has failed', async () => {
    const job = await accepted(failed);
    await bury(job.id);
    let isAway = true;
    sweeper = newSweeper({
      discard: async (queue, upTo) => {
        if (isAway) throw new Error('away');
        return transport.discard(queue, upTo);
      },
    });
    await redrive(job.id);
    sweeper.left([{ id: job.id, type, attempt: 1 }]);
    await expect(sweeper.sweep()).rejects.toThrow('away');
    isAway = false;
    expect(await sweeper.sweep()).toBe(1);
  });

  it('looks no more while as many lie there as when all was in order', async () => {
    let looks = 0;
    sweeper = newSweeper({
      deadLetters: (queue, limit) => {
        looks++;
        return transport.deadLetters(queue, limit);
      },
    });
    await bury((await accepted(failed)).id);
    for (let sweeps = 0; sweeps < 5; sweeps++) await sweeper.sweep();
    expect(looks).toBe(1);
    await bury((await accepted(failed)).id);
    for (let sweeps = 0; sweeps < 5; sweeps++) await sweeper.sweep();
    expect(looks).toBe(2);
    await sweeper.sweep();
    expect(looks).toBe(3);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { IsOptional } from 'class-validator';
import {
  decodeSignal,
  defineJob,
  encodeCommand,
  encodeSignal,
  type Handler,
  type JobContext,
  type PublishedEvent,
  type JobMessage,
  type KnownJob,
  type Presence,
  type Process,
  type Settlement,
  type Signal,
  type Steering,
  Worker,
} from './index.js';

class Nothing {
  @IsOptional()
  nothing?: string;
}
const definition = defineJob({
  name: 'test.work',
  version: 1,
  description: 'for tests',
  payload: Nothing,
  result: Nothing,
  example: {},
});

type Answer = (signal: Signal) => Signal | undefined;

/** A worker on a line at whose other end the test speaks. */
async function setup(work: (job: JobContext) => Promise<unknown>, answer: Answer = () => undefined) {
  const said: Presence[] = [];
  const events: PublishedEvent[] = [];
  const listeners: ((body: Uint8Array) => void)[] = [];
  let process!: Process;
  let names = 0;
  const say = (signal: Signal): void =>
    listeners.forEach((hear) => hear(encodeSignal(signal, { id: 's', source: 'test' })));
  const handler: Handler = { definition, run: (_, job) => work(job) };
  const transport = {
    consume: async (_: unknown, __: number, run: Process) => {
      process = run;
      return { stop: async () => {}, check: async () => {} };
    },
    onSignal: async (hear: (body: Uint8Array) => void) => {
      listeners.push(hear);
      return { stop: async () => {}, check: async () => {} };
    },
    signal: async (body: Uint8Array) => {
      const signal = decodeSignal(body);
      if (signal.kind === 'present') said.push(signal.worker);
      const reply =
        signal.kind === 'hello'
          ? ({ kind: 'ended', jobs: [{ id: 'cancelled-before', upTo: 1 }] } as const)
          : answer(signal);
      if (reply) say(reply);
    },
  };
  const worker = new Worker(transport, {
    workerName: 'worker-1',
    world: { now: () => new Date(), random: () => 0, id: () => `name-${names++}` },
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    handlerFor: () => handler,
    publish: async (event) => void events.push(event),
    processFacts: () => facts,
  });
  await worker.start(['test.work'], 1);
  const deliver = (message: Partial<JobMessage> = {}): Promise<Settlement> =>
    process({ message: messageOf(message), lost: new AbortController().signal });
  workers.push(worker);
  return { worker, deliver, say, events, said };
}

const workers: Worker[] = [];
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.drain(0))));

const facts = {
  app: 'worker',
  host: 'here',
  pid: 1,
  version: '1.0.0',
  startedAt: '2030-01-01T00:00:00.000Z',
  cpuPercent: 12,
  rssBytes: 1_000,
  eventLoopLagMs: 3,
};

function order(worker: string, to: Steering): Signal {
  return { kind: 'steer', worker, order: `${to.do} ${worker}`, to };
}

function messageOf(over: Partial<JobMessage>): JobMessage {
  const id = over.id ?? 'job-1';
  const command = {
    id,
    jobType: 'test.work',
    version: 1,
    payload: {},
    maxAttempts: 3,
    timeoutMs: 60_000,
    source: '/g',
    time: '',
  };
  return {
    id,
    queue: 'test.work',
    type: 't',
    attempt: 1,
    suspected: 0,
    release: 0,
    headers: {},
    body: encodeCommand(command),
    ...over,
  };
}

const knows =
  (job: KnownJob): Answer =>
  (signal) =>
    signal.kind === 'inquiry' ? { kind: 'answer', inquiry: signal.inquiry, job } : undefined;

const untilAborted = (job: JobContext): Promise<never> =>
  new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(job.signal.reason as Error)));

describe('a worker', () => {
  it('asks nobody about a job that comes for the first time', async () => {
    const asked: string[] = [];
    const { deliver } = await setup(
      async () => ({}),
      (signal) => void (signal.kind === 'present' || asked.push(signal.kind)),
    );
    expect(await deliver()).toEqual({ kind: 'complete' });
    expect(asked).toEqual([]);
  });

  it('runs a job again as the next attempt when its run had begun', async () => {
    const { deliver, events } = await setup(
      async () => ({}),
      knows({ status: 'running', attempt: 1, release: 0, rank: 1 }),
    );
    await deliver({ suspected: 1 });
    expect(events.map(({ kind, attempt }) => [kind, attempt])).toEqual([
      ['started', 2],
      ['succeeded', 2],
    ]);
  });

  it('burns no attempt of a job that never began', async () => {
    const { deliver, events } = await setup(
      async () => ({}),
      knows({ status: 'queued', attempt: 0, release: 0, rank: 0 }),
    );
    await deliver({ suspected: 5 });
    expect(events[0]).toMatchObject({ kind: 'started', attempt: 1 });
  });

  it('drops a job that has ended meanwhile', async () => {
    const { deliver, events } = await setup(
      async () => ({}),
      knows({ status: 'succeeded', attempt: 1, release: 0, rank: 4 }),
    );
    expect(await deliver({ suspected: 1 })).toEqual({ kind: 'complete' });
    expect(events).toEqual([]);
  });

  it('buries a job that has failed, for its holder may have died before it did', async () => {
    const error = { code: 'source.broken', message: 'no video' };
    const failed: KnownJob = { status: 'failed', attempt: 2, release: 0, rank: 4, error };
    const { deliver, events } = await setup(async () => ({}), knows(failed));
    expect(await deliver({ attempt: 2, suspected: 1 })).toEqual({
      kind: 'deadLetter',
      reason: 'source.broken',
      detail: 'no video',
      attempt: 2,
    });
    expect(events).toEqual([]);
  });

  it('runs a job whose release was told, and not handed over, as the next release', async () => {
    const handedBack: KnownJob = { status: 'queued', attempt: 1, release: 0, rank: 2 };
    const { deliver, events } = await setup(async () => {
      throw new Error('no luck');
    }, knows(handedBack));
    expect(await deliver({ suspected: 1 })).toMatchObject({ kind: 'retry', attempt: 1, release: 1 });
    expect(events[0]).toMatchObject({ kind: 'started', attempt: 1, release: 1 });
  });

  it('puts a job back that still runs elsewhere', async () => {
    const { deliver } = await setup(
      async () => ({}),
      (signal) => (signal.kind === 'inquiry' ? { kind: 'held', inquiry: signal.inquiry } : undefined),
    );
    expect(await deliver({ suspected: 1 })).toMatchObject({ kind: 'release', delayMs: expect.any(Number) });
  });

  it('counts each lost holder when nobody can tell, so that a job that kills its workers has an end', async () => {
    const { deliver, events } = await setup(async () => ({}));
    expect(await deliver({ suspected: 3 })).toMatchObject({
      kind: 'deadLetter',
      reason: 'worker.lost',
      attempt: 4,
    });
    expect(events.map(({ kind }) => kind)).toEqual(['failed']);
  });

  it('answers who asks after a job that runs here', async () => {
    const heard: Signal[] = [];
    let release!: () => void;
    const { deliver, say } = await setup(
      () => new Promise<void>((resolve) => (release = resolve)),
      (signal) => void (signal.kind === 'present' || heard.push(signal)),
    );
    const settled = deliver();
    say({ kind: 'inquiry', inquiry: 'q', jobId: 'job-1' });
    say({ kind: 'inquiry', inquiry: 'r', jobId: 'job-2' });
    release();
    await settled;
    expect(heard).toEqual([{ kind: 'held', inquiry: 'q' }]);
  });

  it('runs a job once that is handed over twice while it runs', async () => {
    let runs = 0;
    let release!: () => void;
    const { deliver } = await setup(() => {
      runs++;
      return new Promise<void>((resolve) => (release = resolve));
    });
    const both = [deliver(), deliver({ suspected: 1 })];
    release();
    expect(await Promise.all(both)).toEqual([{ kind: 'complete' }, { kind: 'complete' }]);
    expect(runs).toBe(1);
  });

  it('stops a running job that has failed before, and buries it', async () => {
    const { deliver, say, events } = await setup(untilAborted);
    const settled = deliver();
    say({ kind: 'failed', jobId: 'job-1', error: { code: 'source.broken', message: 'no video' } });
    expect(await settled).toMatchObject({ kind: 'deadLetter', reason: 'source.broken', detail: 'no video' });
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'failed']);
  });

  it('stops a running job that was cancelled', async () => {
    const { deliver, say, events } = await setup(untilAborted);
    const settled = deliver();
    say({ kind: 'ended', jobs: [{ id: 'job-1', upTo: 1 }] });
    expect(await settled).toEqual({ kind: 'complete' });
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'cancelled']);
  });

  it('never starts a job that was cancelled while it waited, before or after the worker began', async () => {
    const { deliver, say, events } = await setup(async () => ({}));
    say({ kind: 'ended', jobs: [{ id: 'cancelled-since', upTo: 1 }] });
    expect(await deliver({ id: 'cancelled-before' })).toEqual({ kind: 'complete' });
    expect(await deliver({ id: 'cancelled-since' })).toEqual({ kind: 'complete' });
    expect(events).toEqual([]);
  });

  it('runs a job that was cancelled and runs anew, as a later attempt', async () => {
    const { deliver, say, events } = await setup(async () => ({}));
    say({ kind: 'ended', jobs: [{ id: 'job-1', upTo: 1 }] });
    expect(await deliver({ attempt: 2 })).toEqual({ kind: 'complete' });
    expect(events.map(({ kind, attempt }) => [kind, attempt])).toEqual([
      ['started', 2],
      ['succeeded', 2],
    ]);
  });

  it('says that it is there, what it is and what it does', async () => {
    let release!: () => void;
    const { deliver, say, said } = await setup(() => new Promise<void>((resolve) => (release = resolve)));
    expect(said).toEqual([
      {
        ...facts,
        name: 'worker-1',
        at: expect.any(String),
        state: 'running',
        jobTypes: ['test.work'],
        concurrency: 1,
        busy: 0,
        running: [],
      },
    ]);
    const settled = deliver({ queue: 'test.work.high' });
    say(order('worker-1', { do: 'resize', concurrency: 3 }));
    expect(said.at(-1)).toMatchObject({
      order: 'resize worker-1',
      concurrency: 3,
      busy: 1,
      running: [{ jobId: 'job-1', type: 'test.work', attempt: 1, startedAt: expect.any(String) }],
    });
    release();
    await settled;
  });

  it('is draining while something runs, drained then, and goes on when it is told to', async () => {
    let release!: () => void;
    const { deliver, say, said } = await setup(() => new Promise<void>((resolve) => (release = resolve)));
    const settled = deliver();
    say(order('worker-1', { do: 'drain' }));
    expect(said.at(-1)).toMatchObject({ state: 'draining', order: 'drain worker-1' });
    release();
    await settled;
    expect(said.at(-1)).toMatchObject({ state: 'drained', busy: 0 });
    say(order('worker-1', { do: 'resume' }));
    expect(said.at(-1)).toMatchObject({ state: 'running', order: 'resume worker-1' });
  });

  it('does nothing that another is told', async () => {
    const { say, said } = await setup(async () => ({}));
    say(order('worker-2', { do: 'drain' }));
    expect(said).toHaveLength(1);
  });

  it('says goodbye once nothing is in hand', async () => {
    const { worker, said } = await setup(async () => ({}));
    await worker.drain(0);
    expect(said.map(({ state }) => state)).toEqual(['running', 'draining', 'stopped']);
  });
});

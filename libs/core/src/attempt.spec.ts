import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { IsInt } from 'class-validator';
import {
  Attempt,
  defineJob,
  encodeCommand,
  exponential,
  type Handler,
  type JobContext,
  type PublishedEvent,
  type JobMessage,
  RetryAfterError,
  type Settlement,
  UnrecoverableError,
  type WorkerEnvironment,
} from './index.js';

class Payload {
  @IsInt()
  n!: number;
}
class Result {}

const definition = defineJob({
  name: 'test.count',
  version: 1,
  description: 'for tests',
  payload: Payload,
  result: Result,
  example: { n: 1 },
  retry: exponential({ attempts: 3, first: '10s', limit: '1m' }),
});

type Work = (payload: Payload, job: JobContext) => Promise<unknown>;

function setup(
  work: Work,
  options: {
    payload?: unknown;
    body?: Uint8Array;
    attempt?: number;
    release?: number;
    suspected?: number;
    timeoutMs?: number;
    failPublishes?: number;
    away?: Promise<void>;
  } = {},
  publishing: WorkerEnvironment['publish'] = async () => {},
) {
  const events: PublishedEvent[] = [];
  let names = 0;
  let failures = options.failPublishes ?? 0;
  const handler: Handler = { definition, run: (payload, job) => work(payload as Payload, job) };
  const command = {
    id: 'job-1',
    jobType: 'test.count',
    version: 1,
    payload: options.payload ?? { n: 1 },
    maxAttempts: 3,
    timeoutMs: options.timeoutMs ?? 60_000,
    source: '/gateway',
    time: '',
  };
  const message: JobMessage = {
    id: 'job-1',
    queue: 'test.count',
    type: 't',
    attempt: 1,
    suspected: options.suspected ?? 0,
    release: options.release ?? 0,
    headers: {},
    body: options.body ?? encodeCommand(command),
  };
  const attempt = new Attempt(
    message,
    { attempt: options.attempt ?? 1, release: options.release ?? 0 },
    {
      workerName: 'worker-1',
      world: { now: () => new Date(1_000_000), random: () => 1, id: () => `name-${names++}` },
      logger: { info: () => {}, warn: () => {}, error: () => {} },
      handlerFor: (type, version) => (type === 'test.count' && version === 1 ? handler : undefined),
      publish: async (event, how) => {
        if (failures-- > 0) throw new Error('broker away');
        await publishing(event, how);
        await options.away;
        events.push(event);
      },
    },
  );
  return { attempt, events, kinds: () => events.map((event) => event.kind) };
}

async function run(
  ...args: Parameters<typeof setup>
): Promise<{ settlement: Settlement; events: PublishedEvent[]; kinds: string[] }> {
  const { attempt, events, kinds } = setup(...args);
  const settlement = await attempt.settle();
  return { settlement, events, kinds: kinds() };
}

const fail =
  (error: unknown): Work =>
  () =>
    Promise.reject(error);

describe('an attempt', () => {
  it('that succeeds, says so with its result, and completes', async () => {
    const { settlement, events, kinds } = await run(async ({ n }) => ({ twice: n * 2 }));
    expect(kinds).toEqual(['started', 'succeeded']);
    expect(events[1]).toMatchObject({ jobId: 'job-1', attempt: 1, worker: 'worker-1', result: { twice: 2 } });
    expect(settlement).toEqual({ kind: 'complete' });
  });

  it('that fails, is retried after the wait of its policy', async () => {
    const { settlement, events } = await run(fail(new Error('disk is full')));
    expect(events[1]).toMatchObject({
      kind: 'retrying',
      error: { code: 'handler.failed', message: 'disk is full', retryable: true },
    });
    expect(events[1]).toMatchObject({ nextAttemptAt: new Date(1_010_000).toISOString() });
    expect(settlement).toEqual({ kind: 'retry', delayMs: 10_000, attempt: 1, release: 0 });
  });

  it('that fails as the last one, is dead-lettered', async () => {
    const { settlement, kinds } = await run(fail(new Error('no')), { attempt: 3 });
    expect(kinds).toEqual(['started', 'failed']);
    expect(settlement).toMatchObject({ kind: 'deadLetter', reason: 'handler.failed', detail: 'no' });
  });

  it('whose handler knows that trying again cannot help, is dead-lettered at once', async () => {
    const { settlement } = await run(fail(new UnrecoverableError('source.broken', 'no video')));
    expect(settlement).toEqual({
      kind: 'deadLetter',
      reason: 'source.broken',
      detail: 'no video',
      attempt: 1,
      release: 0,
    });
  });

  it('whose handler says when, is retried then', async () => {
    const { settlement } = await run(fail(new RetryAfterError(1_234, 'busy')));
    expect(settlement).toEqual({ kind: 'retry', delayMs: 1_234, attempt: 1, release: 0 });
  });

  it('with a wrong payload never reaches the handler', async () => {
    let ran = false;
    const { settlement, kinds } = await run(async () => (ran = true), { payload: { n: 'one' } });
    expect([ran, kinds]).toEqual([false, ['failed']]);
    expect(settlement).toMatchObject({ kind: 'deadLetter', reason: 'payload.invalid' });
  });

  it('of a message that is no command, is dead-lettered on first sight', async () => {
    const { settlement } = await run(async () => {}, { body: Buffer.from('hello') });
    expect(settlement).toMatchObject({ kind: 'deadLetter', reason: 'envelope.invalid' });
  });

  it('without a handler says which worker lacks it', async () => {
    const body = encodeCommand({
      id: 'job-1',
      jobType: 'test.other',
      version: 1,
      payload: {},
      maxAttempts: 1,
      timeoutMs: 1,
      source: '',
      time: '',
    });
    const { settlement } = await run(async () => {}, { body });
    expect(settlement).toMatchObject({
      kind: 'deadLetter',
      reason: 'handler.missing',
      detail: expect.stringContaining('worker-1'),
    });
  });

  it('after the last is not run: its workers died', async () => {
    const { settlement, kinds } = await run(async () => {}, { attempt: 4 });
    expect(kinds).toEqual(['failed']);
    expect(settlement).toMatchObject({ kind: 'deadLetter', reason: 'worker.lost' });
  });

  it('that takes too long, is aborted and retried', async () => {
    const { settlement, events } = await run((_, job) => sleep(20_000, undefined, { signal: job.signal }), {
      timeoutMs: 30,
    });
    expect(events[1]).toMatchObject({ kind: 'retrying', error: { code: 'job.timeout' } });
    expect(settlement.kind).toBe('retry');
  });

  it('that is handed back, is released', async () => {
    const { attempt, kinds } = setup((_, job) => sleep(20_000, undefined, { signal: job.signal }));
    const settled = attempt.settle();
    attempt.abort('released');
    expect(await settled).toEqual({ kind: 'release', attempt: 1, release: 0 });
    expect(kinds()).toEqual(['started', 'released']);
  });

  it.each([
    ['of a first hand-over begins at once, while its start is told', {}, 'begun'],
    ['whose holder was lost before begins once its start is safe', { suspected: 1 }, 'outlives'],
    ['that was handed over before begins once its start is safe', { release: 1 }, 'outlives'],
  ] as const)('%s', async (_, options, first) => {
    const order: string[] = [];
    const { attempt } = setup(
      async () => void order.push('begun'),
      options,
      async (event, how) => {
        if (event.kind !== 'started') return;
        await sleep(20);
        order.push(how?.outlives ? 'outlives' : 'told');
      },
    );
    await attempt.settle();
    expect(order[0]).toBe(first);
    expect(order).toHaveLength(2);
  });

  it('that is handed back before its start is safe, never begins', async () => {
    let ran = false;
    const { attempt } = setup(
      async () => (ran = true),
      { suspected: 1 },
      async () => {
        throw new Error('broker away');
      },
    );
    const settled = attempt.settle();
    attempt.abort('released');
    await expect(settled).rejects.toMatchObject({ code: 'attempt.released' });
    expect(ran).toBe(false);
  });

  it('keeps only the latest progress while the broker is away', async () => {
    let back = (): void => {};
    const away = new Promise<void>((resolve) => (back = resolve));
    const { attempt, events } = setup(
      async (_, job) => {
        for (let percent = 1; percent <= 4; percent++) {
          job.progress(percent);
          await sleep(300);
        }
        back();
      },
      { away },
    );
    await attempt.settle();
    const told = events.flatMap((event) => (event.kind === 'progressed' ? [event.progress.percent] : []));
    expect(told).toEqual([4]);
  });

  it('reports progress within bounds, and none after its end', async () => {
    let context: JobContext | undefined;
    const { events } = await run(async (_, job) => {
      context = job;
      job.progress(140, 'nearly');
    });
    context?.progress(10);
    await sleep(300);
    expect(events.filter((event) => event.kind === 'progressed')).toMatchObject([
      { progress: { percent: 100, message: 'nearly' } },
    ]);
  });

  it('tells the lines of its handler before its outcome, and takes none after its end', async () => {
    let context: JobContext | undefined;
    const { events, kinds } = await run(async (_, job) => {
      context = job;
      job.log('reads');
      job.log('writes');
      throw new Error('disk is full');
    });
    context?.log('too late');
    expect(kinds).toEqual(['started', 'logged', 'retrying']);
    expect(events[1]).toMatchObject({
      jobId: 'job-1',
      attempt: 1,
      batch: 1,
      lines: [{ line: 'reads' }, { line: 'writes' }],
      total: 2,
    });
  });

  it('tells its outcome in one turn with its last lines, behind them', async () => {
    const told: string[] = [];
    const publish = async ({ kind }: PublishedEvent): Promise<void> => {
      told.push(kind);
      if (kind !== 'logged') return;
      await new Promise((resolve) => setImmediate(resolve));
      told.push('the next turn');
    };
    await run(async (_, job) => job.log('reads'), {}, publish);
    expect(told).toEqual(['started', 'logged', 'succeeded', 'the next turn']);
  });

  it('ends as it would without a log when its lines cannot be told', async () => {
    const { settlement, kinds } = await run(
      async (_, job) => job.log('reads'),
      {},
      async (event) => {
        if (event.kind === 'logged') throw new Error('refused');
      },
    );
    expect([kinds, settlement]).toEqual([['started', 'succeeded'], { kind: 'complete' }]);
  });

  it('tells its outcome again until it is heard', async () => {
    const { settlement, kinds } = await run(async () => {}, { failPublishes: 3 });
    expect(kinds).toEqual(['succeeded']);
    expect(settlement).toEqual({ kind: 'complete' });
  });

  it('gives the files of its run to the success', async () => {
    const asset = { id: 'a', filename: 'a.png', mediaType: 'image/png', bytes: 1, sha256: 'x' };
    const { events } = await run(async (_, job) => job.output(asset));
    expect(events[1]).toMatchObject({ kind: 'succeeded', assets: [asset] });
  });
});

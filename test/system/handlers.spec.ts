import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { encodeCommand } from '@heavylift/core';
import { waitUntil } from '@heavylift/test-servers';
import { firstWaitMs } from '../fixtures/chores/contracts.js';
import { Chores, drainSeconds } from '../support/chores-system.js';
import { type Happened, historyOf, startsOf, untilStarted } from '../support/history.js';
import { linesOf, logOf, logPartsIn } from '../support/logs.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenBrokers } from '../support/system.js';

const limitMs = 240_000;
/** What a process may take beyond its drain to disconnect, and then to end, on a machine that has other things to do. */
const partingMs = 30_000;

const msBetween = (from: string, to: string): number => Date.parse(to) - Date.parse(from);

/** A broker's delays may be a quarter longer or a fifth shorter than asked for; events bear the time of another moment than the plan. */
function expectWaited({ at, nextAttemptAt }: Happened, next: Happened): void {
  const planned = msBetween(at, nextAttemptAt!);
  const waited = msBetween(at, next.at);
  expect(waited).toBeGreaterThan(planned * 0.8 - 100);
  expect(waited).toBeLessThan(planned * 1.25 + 30_000);
}

describeSideBySide(chosenBrokers, 'handlers of a user on %s', (broker, { beforeAll, afterAll, it }) => {
  let chores: Chores;
  const hasBroker = broker !== 'embedded';
  const deadReasons = async (type: string): Promise<string[]> =>
    (await chores.operator.dead.deadLetters(type, 100)).map(({ reason }) => reason);

  beforeAll(async () => {
    chores = await Chores.start(broker);
  }, limitMs);
  afterAll(() => chores?.stop(), limitMs);

  it(
    'are tried as often as the contract says, with its waits, and the history tells where each attempt failed',
    async () => {
      const id = await chores.submit('fail', { how: 'always' });
      expect(await chores.api.finished(id)).toMatchObject({
        status: 'failed',
        attempt: 3,
        error: { code: 'handler.failed', message: 'attempt 3 went wrong', retryable: true },
      });
      const history = await historyOf(chores.api, id);
      const kinds = ['queued', 'started', 'retrying', 'started', 'retrying', 'started', 'failed'];
      expect(history.map(({ kind }) => kind)).toEqual(kinds);
      const failures = history.filter(({ error }) => error);
      for (const [n, { error, worker, attempt }] of failures.entries()) {
        expect([attempt, error!.message]).toEqual([n + 1, `attempt ${n + 1} went wrong`]);
        expect(error!.stack).toMatch(/Error: attempt \d went wrong\n\s+at .*chores\.jobs/);
        expect(worker).toMatch(/^chore-worker@.+:\d+$/);
      }
      for (const [n, failure] of failures.slice(0, 2).entries()) {
        const planned = msBetween(failure.at, failure.nextAttemptAt!);
        const step = firstWaitMs * 2 ** n;
        // Between the plan and its event the machine may stand still for a moment.
        expect(planned).toBeGreaterThan(step / 2 - 250);
        expect(planned).toBeLessThan(step + 50);
        expectWaited(failure, history[history.indexOf(failure) + 1]!);
      }
      if (!hasBroker) return;
      const letters = await chores.operator.dead.deadLetters('chores.fail', 10);
      expect(letters).toMatchObject([{ reason: 'handler.failed', message: { id, attempt: 3 } }]);
    },
    limitMs,
  );

  it(
    'leave nothing in the broker of failures that were redriven or discarded',
    async () => {
      const type = 'chores.fail';
      const deadIn = async (): Promise<number> => {
        const { body } = await chores.api.get<{ deadLettered: number }>(`/v1/queues/${type}`);
        if (hasBroker && body.deadLettered !== (await chores.operator.dead.inspect(type)).deadLettered)
          return NaN;
        return body.deadLettered;
      };
      const untilDead = (count: number): Promise<void> =>
        waitUntil(`${count} dead letters`, async () => (await deadIn()) === count, { timeoutMs: 60_000 });
      await untilDead(1);
      const ids = await chores.submitAll(Array.from({ length: 3 }, () => ['fail', { how: 'for.good' }]));
      for (const id of ids) await chores.api.finished(id);
      await untilDead(4);
      const mend = await chores.api.post(`/v1/dead-letters/${ids[0]}/redrive`, { payload: { how: 'once' } });
      expect(mend.status).toBe(202);
      await untilDead(3);
      expect(await chores.api.finished(ids[0]!)).toMatchObject({ status: 'succeeded', attempt: 2 });
      await chores.api.post(`/v1/jobs/${ids[1]}/retry`, {});
      await waitUntil('the retry', async () => (await chores.api.finished(ids[1]!)).attempt === 2, {
        timeoutMs: 60_000,
      });
      await untilDead(3);
      expect((await chores.api.post('/v1/dead-letters/discard', { type })).status).toBe(200);
      await untilDead(0);
    },
    limitMs,
  );

  it(
    'choose the wait before the next attempt, or that there is none',
    async () => {
      const [later, never] = await Promise.all([
        chores.submit('fail', { how: 'once', retryAfterMs: 2_000 }),
        chores.submit('fail', { how: 'for.good' }),
      ]);
      expect(await chores.api.finished(later)).toMatchObject({ status: 'succeeded', result: { attempt: 2 } });
      const [retrying, started] = (await historyOf(chores.api, later)).slice(2);
      expect(retrying).toMatchObject({ kind: 'retrying', error: { code: 'handler.retry_after' } });
      const planned = msBetween(retrying!.at, retrying!.nextAttemptAt!);
      expect(planned).toBeGreaterThan(1_000);
      expect(planned).toBeLessThan(2_050);
      expectWaited(retrying!, started!);
      expect(await chores.api.finished(never)).toMatchObject({
        status: 'failed',
        attempt: 1,
        error: { code: 'chores.hopeless', retryable: false },
      });
    },
    limitMs,
  );

  it(
    'write lines, which are told live and kept in order, once each, over two attempts, and leave the history as it is',
    async () => {
      const id = await chores.submit('write', { lines: 20, everyMs: 100 });
      const stream = chores.api.bytes(`/v1/jobs/${id}/events?logs=true`);
      expect(await chores.api.finished(id)).toMatchObject({ status: 'succeeded', attempt: 2 });
      const written = [1, 2].flatMap((attempt) =>
        Array.from({ length: 20 }, (_, i) => `${attempt}: line ${i + 1} of attempt ${attempt}`),
      );
      const log = await logOf(chores.api, id);
      expect(linesOf(log)).toEqual(written);
      expect(log.omitted).toBe(0);
      const told = logPartsIn((await stream).body.toString()).flatMap(linesOf);
      // From when the stream was there on: that of the second attempt in any case.
      expect(told.length).toBeGreaterThanOrEqual(20);
      expect(told).toEqual(written.slice(-told.length));
      expect((await historyOf(chores.api, id)).map(({ kind }) => kind)).toEqual([
        'queued',
        'started',
        'retrying',
        'started',
        'succeeded',
      ]);
    },
    limitMs,
  );

  it(
    'that write more lines than a log takes in a second, have them counted',
    async () => {
      const id = await chores.submit('write', { lines: 350, everyMs: 0 });
      await chores.api.finished(id);
      const log = await logOf(chores.api, id);
      expect(log).toMatchObject({ omitted: 500 });
      const lines = linesOf(log);
      expect(lines).toHaveLength(202);
      expect([lines[99], lines[100], lines[101], lines[201]]).toEqual([
        '1: line 100 of attempt 1',
        '1: … 250 lines left out',
        '2: line 1 of attempt 2',
        '2: … 250 lines left out',
      ]);
    },
    limitMs,
  );

  it(
    'that end their process are tried as often, and no job beside them pays for it',
    async () => {
      const neighbours = [await chores.submit('nap', { ms: 300 }), await chores.submit('nap', { ms: 4_000 })];
      for (const id of neighbours) await untilStarted(chores.api, id, 1);
      const [killer, ...waiting] = await chores.submitAll([
        ['fail', { how: 'exit' }],
        ...Array.from({ length: 8 }, () => ['nap', { ms: 100 }] as const),
      ]);
      const ended = async (): Promise<boolean> => chores.worker.exits.length === 3;
      await waitUntil('three ends', ended, { timeoutMs: limitMs / 2 });
      await waitUntil('the API answers', async () => (await chores.api.get('/health/live')).status === 200, {
        timeoutMs: 60_000,
      });
      expect(await chores.api.finished(killer!, limitMs)).toMatchObject({
        status: 'failed',
        attempt: 3,
        error: { code: 'worker.lost' },
      });
      const starts = await startsOf(chores.api, killer!);
      expect(starts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      expect(new Set(starts.map(({ worker }) => worker)).size).toBe(3);
      for (const { error } of (await historyOf(chores.api, killer!)).filter((event) => event.error))
        expect(error).toMatchObject({ code: 'worker.lost', stack: expect.stringContaining('chores.jobs') });
      for (const id of [...neighbours, ...waiting])
        expect(await chores.api.finished(id, limitMs)).toMatchObject({ status: 'succeeded', attempt: 1 });
      expect(chores.worker.exits).toEqual([3, 3, 3]);
    },
    limitMs,
  );

  if (!hasBroker) return;

  it(
    'never see what is no job of theirs: it is dead at first sight, and the queue moves on',
    async () => {
      const command = (jobType: string, version: number, payload: unknown): string =>
        Buffer.from(
          encodeCommand({
            id: randomUUID(),
            jobType,
            version,
            payload,
            maxAttempts: 3,
            timeoutMs: 60_000,
            source: '/elsewhere',
            time: new Date().toISOString(),
          }),
        ).toString();
      const foreign = {
        'envelope.invalid': 'hello',
        'payload.invalid': command('chores.nap', 1, { ms: 'long' }),
        'handler.missing': command('chores.nap', 9, { ms: 1 }),
      };
      for (const body of Object.values(foreign)) await chores.operator.put('chores.nap', body);
      const good = await chores.submit('nap', { ms: 1 });
      expect(await chores.api.finished(good)).toMatchObject({ status: 'succeeded', attempt: 1 });
      const allDead = async (): Promise<boolean> => (await deadReasons('chores.nap')).length === 3;
      await waitUntil('dead letters', allDead, { timeoutMs: 60_000 });
      expect((await deadReasons('chores.nap')).toSorted()).toEqual(Object.keys(foreign).toSorted());
      const counted = async (): Promise<boolean> => {
        const { ready, deadLettered } = await chores.operator.dead.inspect('chores.nap');
        return ready === 0 && deadLettered === 3;
      };
      await waitUntil('the broker counts them', counted, { timeoutMs: 60_000 });
    },
    limitMs,
  );

  it(
    'lose no job that the broker gives up on: it has failed, and says why',
    async () => {
      const id = await chores.submit('nap', { ms: 60_000 });
      await untilStarted(chores.api, id, 1);
      await chores.worker.end('kill');
      await chores.operator.giveUpOn('chores.nap');
      const code = broker === 'rabbitmq' ? 'broker.rejected' : 'worker.lost';
      expect(await chores.api.finished(id)).toMatchObject({
        status: 'failed',
        attempt: 1,
        error: { code, message: expect.stringMatching(/^the broker gave up on the job: /) },
      });
      const letters = await chores.operator.dead.deadLetters('chores.nap', 10);
      expect(letters.at(-1)).toMatchObject({ reason: code, message: { id } });
    },
    limitMs,
  );

  it(
    'start as soon as one of two workers is free, and the end of a worker waits for none that does not listen',
    async () => {
      const workers = await Promise.all([chores.oneSlot(), chores.oneSlot()]);
      const alarm = join(chores.folder, 'alarm');
      const long = await chores.submit('nap', { ms: 0, alarm });
      const short = [await chores.submit('nap', { ms: 300 }), await chores.submit('nap', { ms: 300 })];
      for (const id of short) expect(await chores.api.finished(id)).toMatchObject({ status: 'succeeded' });
      const { worker: name } = await untilStarted(chores.api, long, 1);
      const [holder, other] = workers.toSorted((a) => (name!.endsWith(`:${a.pid}`) ? -1 : 1));
      const stoppingAt = Date.now();
      expect(await holder!.stop()).toBe(0);
      expect(Date.now() - stoppingAt).toBeLessThan(drainSeconds * 1_000 + partingMs);
      await untilStarted(chores.api, long, 2);
      await writeFile(alarm, '');
      expect(await chores.api.finished(long)).toMatchObject({ status: 'succeeded', attempt: 1 });
      expect((await historyOf(chores.api, long)).map(({ kind }) => kind)).toEqual([
        'queued',
        'started',
        'released',
        'started',
        'succeeded',
      ]);
      expect(await other!.stop()).toBe(0);
    },
    limitMs,
  );
});

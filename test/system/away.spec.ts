import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { startNats, startRabbitmq, type TestServer, waitUntil } from '@heavylift/test-servers';
import { Api, type Job } from '../support/api.js';
import { buildChores } from '../support/chores.js';
import { historyOf, untilStarted } from '../support/history.js';
import { Operator } from '../support/operator.js';
import { HeavyliftProcess } from '../support/process.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenServers, ownFolder, settingsOf } from '../support/system.js';

const limitMs = 180_000;
const drainSeconds = 1;
/** What a process may take beyond its drain to give up on the broker, and then to end, on a machine that has other things to do. */
const partingMs = 30_000;
/** RabbitMQ loses a quorum queue that is younger than this when it is killed. */
const youngQueueMs = 2_000;
const starters = { rabbitmq: startRabbitmq, nats: startNats } as const;

describeSideBySide(chosenServers, 'with %s and all workers away', (broker, { beforeAll, afterAll, it }) => {
  let folder: string;
  let apps: string;
  let server: TestServer;
  let env: NodeJS.ProcessEnv;
  let api: Api;
  let operator: Operator;
  const processes: HeavyliftProcess[] = [];

  async function start(app: string): Promise<HeavyliftProcess & { url: string }> {
    const started = await HeavyliftProcess.start(join(apps, `${app}.js`), env);
    processes.push(started);
    return started;
  }

  async function nap(payload: object): Promise<string> {
    const { status, body } = await api.post<Job>('/v1/jobs', { type: 'chores.nap', payload });
    expect(status).toBe(202);
    return body.id;
  }

  const waiting = (count: number): Promise<void> =>
    waitUntil(
      `${count} jobs wait in the broker`,
      async () => (await operator.dead.inspect('chores.nap')).ready === count,
      { timeoutMs: 60_000 },
    );

  beforeAll(async () => {
    [apps, folder, server] = await Promise.all([buildChores(), ownFolder(), starters[broker]()]);
    env = settingsOf({
      folder,
      brokerUrl: server.url,
      env: { DRAIN_TIMEOUT_SECONDS: String(drainSeconds) },
    });
    api = new Api((await start('chore-gateway')).url);
    operator = await Operator.at(broker, server.url, ['chores.nap']);
  }, limitMs);
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.stop()));
    await operator?.close();
    await server?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, limitMs);

  it(
    'a job that was cancelled never starts, once they are back',
    async () => {
      const diary = join(folder, 'diary');
      const cancelled = await nap({ ms: 0, diary });
      await waiting(1);
      expect(await api.post(`/v1/jobs/${cancelled}/cancel`, {})).toMatchObject({ status: 200 });
      await pause(youngQueueMs);
      await server.kill();
      await server.start();
      await start('chore-worker');
      const next = await nap({ ms: 0, diary });
      expect(await api.finished(next)).toMatchObject({ status: 'succeeded', attempt: 1 });
      await waiting(0);
      expect((await readFile(diary, 'utf8')).trim()).toBe(next);
      expect((await historyOf(api, cancelled)).map(({ kind }) => kind)).toEqual(['queued', 'cancelled']);
    },
    limitMs,
  );

  it(
    'a worker ends in time, though its handler does not listen; its job comes again',
    async () => {
      const worker = processes.at(-1)!;
      const id = await nap({ ms: 60_000, sleep: 'deep' });
      await untilStarted(api, id, 1);
      await server.kill();
      const stoppingAt = Date.now();
      expect(await worker.stop()).toBe(0);
      expect(Date.now() - stoppingAt).toBeLessThan(drainSeconds * 1_000 + partingMs);
      await server.start();
      await start('chore-worker');
      await untilStarted(api, id, 2);
      expect(await api.post(`/v1/jobs/${id}/cancel`, {})).toMatchObject({ body: { status: 'cancelled' } });
    },
    limitMs,
  );
});

import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { startNats, startRabbitmq, type TestServer, waitUntil } from '@heavylift/test-servers';
import { Api, type Job } from '../support/api.js';
import { smallPicture } from '../support/media.js';
import { allSucceededOnce, outcomesOf, tally } from '../support/outcomes.js';
import { HeavyliftProcess } from '../support/process.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenServers, ownFolder, settingsOf } from '../support/system.js';

const limitMs = 240_000;
const jobs = 20;
/** RabbitMQ loses a quorum queue that is younger than this when it is killed. */
const youngQueueMs = 2_000;
const starters = { rabbitmq: startRabbitmq, nats: startNats } as const;

interface Readiness {
  readonly status: number;
  readonly body: {
    readonly status: string;
    readonly details: Readonly<Record<string, { readonly status: string; readonly message?: string }>>;
  };
}

type Started = HeavyliftProcess & { readonly url: string };

describeSideBySide(chosenServers, 'while %s is away', (broker, { beforeAll, afterAll, it }) => {
  let folder: string;
  let server: TestServer;
  let gateway: Started;
  let worker: Started;
  let api: Api;
  let payload: object;
  const accepted: string[] = [];

  beforeAll(async () => {
    folder = await ownFolder();
    server = await starters[broker]();
    await server.kill();
    const env = settingsOf({ folder, brokerUrl: server.url });
    gateway = await HeavyliftProcess.start('gateway', env);
    worker = await HeavyliftProcess.start('image-worker', env);
    api = new Api(gateway.url);
  }, limitMs);
  afterAll(async () => {
    await Promise.all([gateway?.stop(), worker?.stop()]);
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }, limitMs);

  async function postJobs(): Promise<void> {
    for (let i = 0; i < jobs; i++) {
      const { status, body } = await api.post<Job>('/v1/jobs', { type: 'image.resize', payload });
      expect([status, body.status]).toEqual([202, 'queued']);
      accepted.push(body.id);
    }
  }

  async function expectAllSucceededOnce(): Promise<void> {
    await api.allFinished(limitMs);
    expect(tally(await outcomesOf(api, accepted))).toEqual(allSucceededOnce(accepted.length));
  }

  const readinessOf = (one: Started): Promise<Readiness> => new Api(one.url).get('/health/ready');

  it(
    'from the start, files and jobs are taken all the same',
    async () => {
      const { status, body } = await api.postFile<{ id: string }>('/v1/assets', await smallPicture());
      expect(status).toBe(201);
      payload = { source: body.id, variants: [{ name: 'tiny', width: 64, format: 'jpeg' }] };
      await postJobs();
    },
    limitMs,
  );

  it(
    'the queues are shown by what the store knows, and each job says what it waits for',
    async () => {
      const { status, body } = await api.get<{ broker: string; items: { name: string }[] }>('/v1/queues');
      expect([status, body.broker]).toEqual([200, 'away']);
      const queue = body.items.find(({ name }) => name === 'image.resize');
      expect(queue).toMatchObject({ ready: jobs, inFlight: 0, deadLettered: null });
      const why = await api.get(`/v1/jobs/${accepted[0]}/why`);
      expect(why).toMatchObject({ status: 200, body: { status: 'queued', cause: 'broker-away' } });
    },
    limitMs,
  );

  it(
    'the gateway is ready, though degraded, and says by what; the worker is not',
    async () => {
      const ready = await readinessOf(gateway);
      expect(ready).toMatchObject({ status: 200, body: { status: 'degraded' } });
      expect(ready.body.details).toMatchObject({
        database: { status: 'up' },
        storage: { status: 'up' },
        broker: { status: 'degraded' },
      });
      expect(ready.body.details.broker!.message).toMatch(/not connected/);
      const { status, body } = await readinessOf(worker);
      expect(status).toBe(503);
      expect(body.details).toMatchObject({ broker: { status: 'down' }, storage: { status: 'up' } });
    },
    limitMs,
  );

  it(
    'nothing is lost: once it is there, the jobs run',
    async () => {
      await server.start();
      await expectAllSucceededOnce();
      for (const one of [gateway, worker]) {
        await waitUntil('ready', async () => (await readinessOf(one)).body.status === 'ok', {
          timeoutMs: 60_000,
        });
      }
    },
    limitMs,
  );

  it(
    'later, in the middle of jobs, nothing is lost either',
    async () => {
      await pause(youngQueueMs);
      await postJobs();
      await server.kill();
      await postJobs();
      await waitUntil('degraded', async () => (await readinessOf(gateway)).body.status === 'degraded', {
        timeoutMs: 60_000,
      });
      expect((await readinessOf(worker)).status).toBe(503);
      await server.start();
      await expectAllSucceededOnce();
    },
    limitMs,
  );

  it(
    'a gateway and a worker that never saw it stop cleanly',
    async () => {
      await server.kill();
      const env = settingsOf({ folder, brokerUrl: server.url });
      const two = await Promise.all(
        ['gateway', 'image-worker'].map((app) => HeavyliftProcess.start(app, env)),
      );
      expect(await Promise.all(two.map((one) => one.stop()))).toEqual([0, 0]);
      expect(await Promise.all([gateway.stop(), worker.stop()])).toEqual([0, 0]);
    },
    limitMs,
  );
});

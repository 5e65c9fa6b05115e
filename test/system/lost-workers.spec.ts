import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import {
  type RabbitmqServer,
  startNats,
  startRabbitmq,
  type TestServer,
  waitUntil,
} from '@heavylift/test-servers';
import { Api, type Job } from '../support/api.js';
import { historyOf, untilStarted } from '../support/history.js';
import { tinyClip } from '../support/media.js';
import { Operator } from '../support/operator.js';
import { pacedFfmpeg } from '../support/paced-ffmpeg.js';
import { HeavyliftProcess } from '../support/process.js';
import { isAlive } from '../support/process-facts.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenServers, ownFolder, settingsOf } from '../support/system.js';

const limitMs = 240_000;
/** Longer than it takes RabbitMQ to notice, which looks once a minute. */
const longSeconds = 90;
/** Time enough for two more workers to begin. */
const shortSeconds = 30;

/** RabbitMQ suffers no delivery for longer than 15 s. */
const servers = {
  rabbitmq: () => startRabbitmq({ config: ['consumer_timeout = 15000'] }),
  nats: startNats,
} as const;

interface Told {
  readonly type: string;
  readonly subject: string;
  readonly data: { readonly worker: string; readonly assets: readonly { readonly id: string }[] };
}

/** A worker and the transcode that it was given. */
interface Shift {
  readonly process: HeavyliftProcess;
  readonly job: string;
  readonly name: string;
}

describeSideBySide(chosenServers, 'lost workers on %s', (broker, { beforeAll, afterAll, it }) => {
  let folder: string;
  let server: TestServer;
  let env: NodeJS.ProcessEnv;
  let api: Api;
  let operator: Operator;
  const processes: HeavyliftProcess[] = [];
  const told: Told[] = [];
  let steady: Shift;
  let killed: Shift;
  let frozen: Shift;
  let successor: HeavyliftProcess;

  async function start(
    app: string,
    more: NodeJS.ProcessEnv = {},
  ): Promise<HeavyliftProcess & { url: string }> {
    const started = await HeavyliftProcess.start(app, { ...env, ...more });
    processes.push(started);
    return started;
  }

  async function submit(seconds: number): Promise<string> {
    const source = (await api.postFile<{ id: string }>('/v1/assets', await tinyClip(seconds))).body.id;
    const payload = { source, format: 'mp4', height: 32 };
    return (await api.post<Job>('/v1/jobs', { type: 'video.transcode', payload })).body.id;
  }

  /** One more worker with one slot, and a job that only it can take: all the others are busy. */
  async function shift(seconds: number): Promise<Shift> {
    const process = await start('video-worker');
    const job = await submit(seconds);
    const { worker } = await untilStarted(api, job, 1);
    expect(worker).toMatch(new RegExp(`:${process.pid}$`));
    const works = async (): Promise<boolean> => process.children.length > 0;
    await waitUntil('FFmpeg works', works, { timeoutMs: 60_000 });
    return { process, job, name: worker! };
  }

  beforeAll(async () => {
    [folder, server] = await Promise.all([ownFolder(), servers[broker]()]);
    const programs = join(folder, 'programs');
    await mkdir(programs);
    const paced = await pacedFfmpeg(programs);
    env = settingsOf({
      folder,
      brokerUrl: server.url,
      env: { ...paced, CONCURRENCY: '1', LEASE_RENEW_SECONDS: '4', DRAIN_TIMEOUT_SECONDS: '0' },
    });
    api = new Api((await start('gateway')).url);
    operator = await Operator.at(broker, server.url, ['video.transcode']);
    await operator.listen((body) => told.push(JSON.parse(body) as Told));
    steady = await shift(longSeconds);
    killed = await shift(shortSeconds);
    frozen = await shift(shortSeconds);
    successor = await start('video-worker', { CONCURRENCY: '2' });
  }, limitMs);

  afterAll(async () => {
    frozen?.process.thaw();
    await Promise.all(processes.map((process) => process.stop()));
    await operator?.close();
    await server?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, limitMs);

  /** The job's second run is the successor's, and what it made is the job's only result. */
  async function expectOneSuccess({ job }: Shift): Promise<void> {
    const done = await api.finished(job);
    expect(done).toMatchObject({ status: 'succeeded', attempt: 2 });
    const history = await historyOf(api, job);
    const ends = history.filter(({ kind, late }) => kind === 'succeeded' && !late);
    expect(ends).toMatchObject([{ attempt: 2, worker: expect.stringMatching(`:${successor.pid}$`) }]);
    const { asset } = done.result as { asset: string };
    expect((await api.get(`/v1/assets/${asset}`)).status).toBe(200);
  }

  it(
    'a transcode whose worker is killed is with another in under 10 seconds, and succeeds once',
    async () => {
      const { children } = killed.process;
      frozen.process.freeze();
      const killedAt = Date.now();
      await killed.process.kill();
      const again = await untilStarted(api, killed.job, 2);
      expect(Date.parse(again.at) - killedAt).toBeLessThan(10_000);
      expect(again).toMatchObject({ attempt: 2, worker: expect.stringMatching(`:${successor.pid}$`) });
      await waitUntil('no orphans', async () => !children.some(isAlive), { timeoutMs: 60_000 });
      await expectOneSuccess(killed);
    },
    limitMs,
  );

  it(
    'a transcode whose worker hangs is with another within a minute; what the first says on waking up is too late',
    async () => {
      // It hangs since the other one was killed.
      const again = await untilStarted(api, frozen.job, 2);
      const { at } = await untilStarted(api, killed.job, 2);
      expect(Date.parse(again.at) - Date.parse(at)).toBeLessThan(60_000);
      await expectOneSuccess(frozen);
      const before = (await api.get<Job>(`/v1/jobs/${frozen.job}`)).body;
      frozen.process.thaw();
      const late = (): Told | undefined =>
        told.find(
          ({ type, subject, data }) =>
            type === 'heavylift.job.succeeded' && subject === frozen.job && data.worker === frozen.name,
        );
      await waitUntil('the late outcome', async () => late() !== undefined, { timeoutMs: 60_000 });
      // Events are recorded in their order: when the end of a later job is, this one was looked at.
      expect(await api.finished(await submit(1))).toMatchObject({ status: 'succeeded' });
      await expectOneSuccess(frozen);
      expect((await api.get<Job>(`/v1/jobs/${frozen.job}`)).body).toEqual(before);
      for (const { id } of late()!.data.assets) expect((await api.get(`/v1/assets/${id}`)).status).toBe(404);
    },
    limitMs,
  );

  it(
    `a transcode of ${longSeconds} seconds runs once, all that time with its first worker`,
    async () => {
      const done = await api.finished(steady.job, limitMs);
      expect(done).toMatchObject({ status: 'succeeded', attempt: 1 });
      const lastedMs = Date.parse(done.finishedAt!) - Date.parse(done.startedAt!);
      expect(lastedMs).toBeGreaterThan((longSeconds - 5) * 1_000);
      const kinds = (await historyOf(api, steady.job)).map(({ kind }) => kind);
      expect(kinds).toEqual(['queued', 'started', 'succeeded']);
      if (broker === 'rabbitmq') expect(await timeLimitsHit(server as RabbitmqServer)).toBe(0);
    },
    limitMs,
  );
});

/** By the broker's log; none where it is not a file. */
async function timeLimitsHit(server: RabbitmqServer): Promise<number> {
  const logs = '{ok, Log} <- [file:read_file(File) || File <- rabbit:log_locations()]';
  const found = `[binary:matches(Log, <<"precondition_failed">>) || ${logs}]`;
  return Number(await server.ctl('eval', `length(lists:append(${found})).`));
}

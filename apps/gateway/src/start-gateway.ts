import { jobTypes as builtIn } from '@heavylift/contracts';
import type { JobDefinition, Logger } from '@heavylift/core';
import { createTransport, processMetrics, processName, type Probe, type RunningApp } from '@heavylift/nestjs';
import { createBlobStore } from '@heavylift/storage';
import type { LoggerService } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AssetsService } from './assets/assets.service.js';
import { ApiKeys } from './auth/api-keys.js';
import { createControl } from './control.js';
import { DeadLettersService } from './dead-letters/index.js';
import {
  DeadLetterSweeper,
  Dispatcher,
  GivenUpJobs,
  OutboxRelay,
  Projection,
  Reconciler,
} from './dispatch/index.js';
import { type GatewaySettings, refuseOpenGateway } from './gateway-settings.js';
import { createHttpApp } from './http-app.js';
import { IdempotentRequests } from './jobs/idempotent-requests.js';
import { BulkJobs } from './jobs/bulk-jobs.js';
import { JobFollowers } from './jobs/job-followers.js';
import { JobsService } from './jobs/jobs.service.js';
import { LiveEvents, LiveFeed, looksAt } from './live/index.js';
import { Sampler, StatisticsService } from './statistics/index.js';
import { Scheduler } from './schedules/scheduler.js';
import { SchedulesService } from './schedules/schedules.service.js';
import { openJobStore } from './store/index.js';
import { startSweeps } from './sweeps.js';

/**
 * Starts a gateway: it takes jobs at once, and dispatches them as soon as the broker is there. `own` are job types that it takes beside those of
 * `@heavylift/contracts`; one of the same name goes before.
 */
export async function startGateway(
  settings: GatewaySettings,
  logger: Logger & LoggerService,
  own: readonly JobDefinition[] = [],
): Promise<RunningApp & { readonly url: string }> {
  refuseOpenGateway(settings);
  const jobTypes = new Map([...builtIn, ...own.map((job) => [job.name, job] as const)]);
  const name = processName('gateway');
  const [store, blobs, transport] = await Promise.all([
    openJobStore(settings.database),
    createBlobStore(settings.storage),
    createTransport(settings.broker, name),
  ]);
  const control = createControl({
    store,
    transport,
    name,
    jobTypes: [...jobTypes.keys()],
    logger,
    record: (events) => projection.record(events),
    onFleetChange: () => live.lookAt('workers', 'queues'),
  });
  const { desk } = control;
  const projection = new Projection(store, { logger, tellOverrun: (jobIds) => desk.tellOverrun(jobIds) });
  const relay = new OutboxRelay(store, transport, {
    source: `/${name}`,
    logger,
    record: (events) => projection.record(events),
  });
  const givenUp = new GivenUpJobs({
    store,
    record: (events) => projection.record(events),
    tellOverrun: (jobIds) => desk.tellOverrun(jobIds),
  });
  const probes: Probe[] = [
    { name: 'database', severity: 'down', check: () => store.check() },
    { name: 'storage', severity: 'down', check: () => blobs.check() },
    { name: 'broker', severity: 'degraded', check: () => transport.check().then(() => relay.check()) },
    { name: 'events', severity: 'degraded', check: () => projection.check() },
  ];
  const jobs = new JobsService({
    store,
    relay,
    jobTypes,
    allowPrivateSources: settings.allowPrivateSources,
    record: (events) => projection.record(events),
    tellEnded: (jobs) => desk.tellEnded(jobs),
  });
  const schedules = new SchedulesService({ store, jobs, jobTypes });
  const { queues, workers, audit } = control;
  const looks = looksAt({ store, queues, workers, schedules, audit, probes });
  const onAudience = (): void => liveEvents.audienceChanged();
  const live: LiveFeed = new LiveFeed({ store, looks, logger, onAudience });
  const followers = new JobFollowers(store, onAudience);
  const liveEvents = new LiveEvents([live, followers], logger);
  const changed = (jobIds: readonly string[]): void => {
    followers.changed(jobIds);
    live.changed(jobIds);
  };
  projection.onChange(changed);
  const sweeper = new DeadLetterSweeper({ store, transport, jobTypes: [...jobTypes.keys()], logger });
  const letters = new DeadLettersService({
    store,
    relay,
    jobTypes,
    changed,
    left: (jobs) => sweeper.left(jobs),
  });
  const scheduler = new Scheduler({ store, jobTypes, onJobs: () => relay.wake(), logger });
  const parts = {
    jobTypes,
    jobs,
    schedules,
    assets: new AssetsService(store, blobs, settings.maxUploadBytes),
    requests: new IdempotentRequests(store),
    followers,
    letters,
    bulk: new BulkJobs({
      store,
      letters,
      audit,
      record: (events) => projection.record(events),
      tellEnded: (jobs) => desk.tellEnded(jobs),
    }),
    live,
    statistics: new StatisticsService(store),
    whys: control.whys,
    queues,
    workers,
    audit,
    apiKeys: settings.apiKeys && new ApiKeys(settings.apiKeys),
    probes,
    registry: processMetrics('gateway'),
  };
  const app = await createHttpApp(parts, logger);
  await listen(app, settings);
  const url = await app.getUrl();
  logger.info(`gateway on ${url}`, { url });

  const dispatcher = new Dispatcher(
    transport,
    { relay, projection, desk, live: liveEvents, givenUp, orders: control.orders, sweeper },
    logger,
  );
  dispatcher.start([...jobTypes.keys()]);
  const sampler = new Sampler({ transport, book: store, jobTypes: [...jobTypes.keys()], logger });
  scheduler.start();
  const reconciler = new Reconciler({
    store,
    transport,
    isHeld: (jobId) => desk.isHeld(jobId),
    isIdle: (jobType) => control.queues.isIdle(jobType),
    jobTypes: [...jobTypes.keys()],
    logger,
  });
  reconciler.start();
  const { retentionDays } = settings;
  const endSweeps = startSweeps({ blobs, store, workers: control.register, retentionDays, logger });
  return {
    url,
    stop: async () => {
      live.close();
      await sampler.stop();
      await closeHttp(app, settings.drainTimeoutSeconds * 1_000);
      await endSweeps();
      await scheduler.stop();
      await reconciler.stop();
      await control.purge.stop();
      await dispatcher.stop();
      await control.register.close();
      await store.close();
      await blobs.close();
    },
  };
}

/** @throws {Error} naming the address, and the cure, when it is taken */
async function listen(
  app: NestFastifyApplication,
  { host, port }: Pick<GatewaySettings, 'host' | 'port'>,
): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const cure = 'set PORT to another one, or to 0 for any that is free';
    throw new Error(`port ${port} on ${host} is taken by another program; ${cure}`, { cause: error });
  }
}

/** Requests that run may finish, for so long. */
async function closeHttp(app: NestFastifyApplication, limitMs: number): Promise<void> {
  const cut = setTimeout(() => app.getHttpServer().closeAllConnections(), limitMs);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}

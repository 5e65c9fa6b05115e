import { randomUUID } from 'node:crypto';
import { jobTypes } from '@heavylift/contracts';
import type { Logger } from '@heavylift/core';
import { createTransport, processMetrics, processName, type Probe, type RunningApp } from '@heavylift/nestjs';
import { createBlobStore } from '@heavylift/storage';
import type { LoggerService } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AssetsService } from './assets/assets.service.js';
import { ApiKeys } from './auth/api-keys.js';
import { Dispatcher, OutboxRelay, Projection, SignalDesk } from './dispatch/index.js';
import { type GatewaySettings, refuseOpenGateway } from './gateway-settings.js';
import { createHttpApp } from './http-app.js';
import { IdempotentRequests } from './jobs/idempotent-requests.js';
import { JobChanges } from './jobs/job-changes.js';
import { JobsService } from './jobs/jobs.service.js';
import { openJobStore } from './store/index.js';
import { startSweeps } from './sweeps.js';

/** Starts a gateway: it takes jobs at once, and dispatches them as soon as the broker is there. */
export async function startGateway(
  settings: GatewaySettings,
  logger: Logger & LoggerService,
): Promise<RunningApp & { readonly url: string }> {
  refuseOpenGateway(settings);
  const name = processName('gateway');
  const store = await openJobStore(settings.database);
  const blobs = await createBlobStore(settings.storage);
  const transport = await createTransport(settings.broker, name);
  const desk = new SignalDesk({ store, name, logger, newId: randomUUID });
  const projection = new Projection(store, { logger, tellEnded: (jobIds) => desk.tellEnded(jobIds) });
  const relay = new OutboxRelay(store, transport, {
    source: `/${name}`,
    logger,
    record: (events) => projection.record(events),
  });
  const changes = new JobChanges();
  projection.onChange((jobIds) => changes.changed(jobIds));
  const probes: Probe[] = [
    { name: 'database', severity: 'down', check: () => store.check() },
    { name: 'storage', severity: 'down', check: () => blobs.check() },
    { name: 'broker', severity: 'degraded', check: () => transport.check().then(() => relay.check()) },
    { name: 'events', severity: 'degraded', check: () => projection.check() },
  ];
  const parts = {
    jobs: new JobsService({
      store,
      relay,
      jobTypes,
      allowPrivateSources: settings.allowPrivateSources,
      record: (events) => projection.record(events),
      tellEnded: (jobIds) => desk.tellEnded(jobIds),
    }),
    assets: new AssetsService(store, blobs, settings.maxUploadBytes),
    requests: new IdempotentRequests(store),
    changes,
    apiKeys: settings.apiKeys && new ApiKeys(settings.apiKeys),
    probes,
    registry: processMetrics('gateway'),
  };
  const app = await createHttpApp(parts, logger);
  await listen(app, settings);
  const url = await app.getUrl();
  logger.info(`gateway on ${url}`, { url });

  const dispatcher = new Dispatcher(transport, { relay, projection, desk }, logger);
  dispatcher.start([...jobTypes.keys()]);
  const endSweeps = startSweeps(blobs, store, logger);
  return {
    url,
    stop: async () => {
      endSweeps();
      await closeHttp(app, settings.drainTimeoutSeconds * 1_000);
      await dispatcher.stop();
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

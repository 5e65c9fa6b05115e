import { jobTypes } from '@heavylift/contracts';
import type { Logger } from '@heavylift/core';
import {
  connectTransport,
  createTransport,
  processMetrics,
  processName,
  type Probe,
  type RunningApp,
} from '@heavylift/nestjs';
import { createBlobStore } from '@heavylift/storage';
import type { LoggerService } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AssetsService } from './assets/assets.service.js';
import { ApiKeys } from './auth/api-keys.js';
import { AssetSweeper, OutboxRelay, Projection } from './dispatch/index.js';
import { type GatewaySettings, refuseOpenGateway } from './gateway-settings.js';
import { createHttpApp } from './http-app.js';
import { JobChanges } from './jobs/job-changes.js';
import { JobsService } from './jobs/jobs.service.js';
import { openJobStore } from './store/index.js';

const sweepEveryMs = 3_600_000;

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
  const projection = new Projection(store, { logger });
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
    { name: 'broker', severity: 'degraded', check: () => transport.check() },
  ];
  const parts = {
    jobs: new JobsService({ store, relay, jobTypes, allowPrivateSources: settings.allowPrivateSources }),
    assets: new AssetsService(store, blobs, settings.maxUploadBytes),
    changes,
    apiKeys: settings.apiKeys && new ApiKeys(settings.apiKeys),
    probes,
    registry: processMetrics('gateway'),
  };
  const app = await createHttpApp(parts, logger);
  await listen(app, settings);
  const url = await app.getUrl();
  logger.info(`gateway on ${url}`, { url });

  const stopped = new AbortController();
  let sweeping: NodeJS.Timeout | undefined;
  const dispatching = (async (): Promise<void> => {
    const queues = [...jobTypes.keys()].map((queue) => ({ name: queue }));
    const begin = (): Promise<void> => projection.start(transport);
    if (!(await connectTransport(transport, { queues, logger, stopped: stopped.signal, begin }))) return;
    relay.start();
    sweeping = setInterval(() => sweep(new AssetSweeper(blobs, store), logger), sweepEveryMs);
  })();
  dispatching.catch((error: unknown) => logger.error('jobs are not dispatched', { error }));
  return {
    url,
    stop: async () => {
      stopped.abort();
      await closeHttp(app, settings.drainTimeoutSeconds * 1_000);
      await dispatching;
      clearInterval(sweeping);
      await relay.stop();
      await projection.stop();
      await transport.close();
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

/** Files of runs that were not recorded. */
function sweep(sweeper: AssetSweeper, logger: Logger): void {
  sweeper.sweep().then(
    (files) => files > 0 && logger.info(`removed ${files} files that belonged to no job`),
    (error: unknown) => logger.warn('files that belong to no job could not be removed', { error }),
  );
}

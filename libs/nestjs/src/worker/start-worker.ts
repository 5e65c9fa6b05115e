import { EventPublisher, type Logger } from '@heavylift/core';
import { createBlobStore } from '@heavylift/storage';
import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createTransport } from '../create-transport.js';
import { Workspaces } from '../files/index.js';
import type { Probe } from '../health/index.js';
import { JobErrorFilter } from '../kit/job-error.filter.js';
import { JobsServer } from '../kit/jobs.server.js';
import { processMetrics, WorkerMetrics } from '../metrics/index.js';
import { processName } from '../process/process-name.js';
import { realWorld } from '../process/real-world.js';
import type { RunningApp } from '../process/run-process.js';
import { ProcessGauge } from './process-gauge.js';
import { WorkerModule } from './worker.module.js';

export interface WorkerOptions {
  /** Names the worker in the broker, in events and logs, like `video-worker`. */
  readonly app: string;
  /** Holds the controllers with the `@JobHandler` methods. */
  readonly module: Type | DynamicModule;
  readonly logger: Logger & LoggerService;
  readonly broker: string;
  readonly storage: string;
  readonly concurrency: number;
  readonly drainTimeoutSeconds: number;
  readonly leaseRenewSeconds: number;
  readonly maxUploadBytes: number;
  readonly allowPrivateSources: boolean;
  /** Where health and metrics are served; left out when another part of the process does. */
  readonly http?: { readonly host: string; readonly port: number };
}

/** Starts a worker: health and metrics at once, jobs as soon as the broker is there. */
export async function startWorker(options: WorkerOptions): Promise<RunningApp> {
  const { app: name, logger } = options;
  const workerName = processName(name);
  const transport = await createTransport(options.broker, workerName, {
    leaseRenewMs: options.leaseRenewSeconds * 1_000,
  });
  const events = new EventPublisher(transport);
  const blobs = await createBlobStore(options.storage);
  const workspaces = new Workspaces(blobs, {
    allowPrivateSources: options.allowPrivateSources,
    maxSourceBytes: options.maxUploadBytes,
  });
  const registry = processMetrics(name);
  const gauge = new ProcessGauge(name);
  const server = new JobsServer({
    transport,
    concurrency: options.concurrency,
    environment: {
      workerName,
      logger,
      world: realWorld,
      publish: (event, options) => events.publish(event, options),
      processFacts: () => gauge.facts(),
      onAttemptEnded: (ended) => metrics.attemptEnded(ended),
    },
  });
  const metrics = new WorkerMetrics(registry, () => server.worker.running);
  const probes: Probe[] = [
    { name: 'broker', severity: 'down', check: () => transport.check() },
    { name: 'storage', severity: 'down', check: () => blobs.check() },
    { name: 'worker', severity: 'down', check: () => server.checkConsuming() },
  ];
  const module = WorkerModule.around(options.module, { workspaces, probes, registry });
  const nest = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger });
  nest
    .connectMicroservice<MicroserviceOptions>({ strategy: server }, { deferInitialization: true })
    .useGlobalFilters(new JobErrorFilter());
  await nest.init();
  if (options.http) await nest.listen(options.http.port, options.http.host);
  if (options.http)
    logger.info(`${name}: health and metrics on ${await nest.getUrl()}`, { url: await nest.getUrl() });
  const starting = nest.startAllMicroservices();
  starting.catch((error: unknown) => logger.error(`${name} cannot take jobs`, { error }));
  const drainMs = options.drainTimeoutSeconds * 1_000;
  const leave = async (): Promise<void> => {
    await server.drain(drainMs);
    await transport.close();
    await nest.close();
    await blobs.close();
    gauge.close();
  };
  return {
    stop: () =>
      atMost(drainMs + partingMs, leave(), () =>
        logger.warn(`${name} stops without a goodbye: what it has in hand comes again by the broker`, {
          running: server.worker.running,
        }),
      ),
  };
}

/** How long, after the drain, to hand jobs back and to disconnect: a broker that is away must not keep a process from its end. */
const partingMs = 5_000;

/** Resolves once the work is done; without it, after `late()`, when that takes longer than `limitMs`. */
async function atMost(limitMs: number, work: Promise<void>, late: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => (timer = setTimeout(() => resolve(late()), limitMs)));
  try {
    await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

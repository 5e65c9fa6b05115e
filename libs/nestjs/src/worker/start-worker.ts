import { encodeEvent, eventTopic, type JobEvent, type Logger, type Transport } from '@heavylift/core';
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
      publish: (event) => publish(transport, event),
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
  return {
    stop: async () => {
      await server.drain(options.drainTimeoutSeconds * 1_000);
      await transport.close();
      await nest.close();
      await blobs.close();
      gauge.close();
    },
  };
}

function publish(transport: Transport, event: JobEvent): Promise<void> {
  return transport.publish(eventTopic(event), encodeEvent(event));
}

import type { Logger } from '@heavylift/core';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { acceptBodies } from './accept-bodies.js';
import { askForKey } from './auth/api-keys.js';
import { serveDocs } from './docs/serve-docs.js';
import { GatewayModule, type GatewayParts } from './gateway.module.js';
import { showOrdersAtOnce } from './live/index.js';
import { servePage } from './page/serve-page.js';
import { answerFrameworkError, ProblemFilter } from './problems/problem.filter.js';

/** A batch of 1,000 jobs with generous payloads; files do not count, they are streamed. */
const bodyLimit = 8 * 1024 * 1024;

/** The gateway's HTTP side: limits, problems, documents and page around the controllers. */
export async function createHttpApp(
  parts: GatewayParts,
  logger: Logger & LoggerService,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit,
    connectionTimeout: 0,
    // Time for the headers; a body may take as long as its upload does.
    http: { headersTimeout: 10_000, requestTimeout: 0, maxHeaderSize: 16 * 1024 },
    forceCloseConnections: 'idle',
    // Who is still connected is served until the last request is answered; Fastify would refuse, and in no form of ours.
    return503OnClosing: false,
    frameworkErrors: answerFrameworkError,
  });
  const fastify = adapter.getInstance();
  if (parts.apiKeys) askForKey(fastify, parts.apiKeys);
  await acceptBodies(fastify);
  showOrdersAtOnce(fastify, parts.live);
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.of(parts), adapter, {
    logger,
    bodyParser: false,
  });
  app.useGlobalFilters(new ProblemFilter(logger));
  await servePage(fastify);
  serveDocs(app, parts.jobTypes, logger);
  return app;
}

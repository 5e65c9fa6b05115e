import multipart from '@fastify/multipart';
import { jobTypes } from '@heavylift/contracts';
import type { Logger } from '@heavylift/core';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { serveOpenApi } from './docs/openapi.js';
import { servePage } from './page/serve-page.js';
import { ProblemFilter } from './problems/problem.filter.js';

/** A batch of 1,000 jobs with generous payloads; files do not count, they are streamed. */
const bodyLimit = 8 * 1024 * 1024;
const rawFile = 'application/octet-stream';
const formLimits = { fileSize: Infinity, fieldSize: 256 * 1024, fields: 50, files: 2, headerPairs: 100 };

/** The gateway's HTTP side: limits, problems, documents and page around the controllers. */
export async function createHttpApp(
  module: DynamicModule,
  logger: Logger & LoggerService,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit,
    connectionTimeout: 0,
    // Time for the headers; a body may take as long as its upload does.
    http: { headersTimeout: 10_000, requestTimeout: 0, maxHeaderSize: 16 * 1024 },
    forceCloseConnections: 'idle',
  });
  const fastify = adapter.getInstance();
  await acceptBodies(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    bodyParser: false,
  });
  app.useGlobalFilters(new ProblemFilter(logger));
  await servePage(fastify);
  serveOpenApi(app, jobTypes);
  return app;
}

/** JSON and forms everywhere; whatever else comes to the assets is a file, handed on as it streams in. */
async function acceptBodies(fastify: FastifyInstance): Promise<void> {
  fastify.removeContentTypeParser('text/plain');
  await fastify.register(multipart, { limits: formLimits });
  fastify.addContentTypeParser(rawFile, (_request, payload, done) => done(null, payload));
  fastify.addHook('onRequest', async (request) => {
    if (request.method !== 'POST' || request.routeOptions.url !== '/v1/assets' || isForm(request)) return;
    // What it is, is read from its bytes, also when a client calls it JSON.
    request.headers['content-type'] = rawFile;
  });
}

/** By its header: the request is asked before its body is. */
function isForm(request: FastifyRequest): boolean {
  return /^multipart\/form-data/i.test(request.headers['content-type'] ?? '');
}

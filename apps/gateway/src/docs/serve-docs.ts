import type { JobDefinition, Logger } from '@heavylift/core';
import type { LoggerService } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const routes = ['/docs', '/docs/*', '/docs-yaml'];

/**
 * Serves the OpenAPI document at `/docs/openapi.json`, and a page to read and try it at `/docs`. Both are loaded and made when they are first asked for, as an
 * application of their own, for routes cannot be added to one that listens: they cost time at the start, and megabytes, that most gateways never need.
 */
export function serveDocs(
  app: NestFastifyApplication,
  jobTypes: ReadonlyMap<string, JobDefinition>,
  logger: Logger & LoggerService,
): void {
  let made: Promise<NestFastifyApplication> | undefined;
  const make = async (): Promise<NestFastifyApplication> =>
    (await import('./openapi.js')).createDocsApp(app, jobTypes, logger);
  const fastify = app.getHttpAdapter().getInstance();
  for (const route of routes)
    fastify.get(route, async (request, reply) => {
      const docs = await (made ??= make());
      reply.hijack();
      docs.getHttpAdapter().getInstance().routing(request.raw, reply.raw);
    });
  fastify.addHook('onClose', async () => (await made)?.close());
}

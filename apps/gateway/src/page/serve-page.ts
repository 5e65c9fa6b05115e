import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const policy = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the dashboard's built files at `/`. */
export async function servePage(fastify: FastifyInstance): Promise<void> {
  const root = join(
    dirname(createRequire(import.meta.url).resolve('@heavylift/dashboard/package.json')),
    'dist',
  );
  await fastify.register(fastifyStatic, {
    root,
    prefix: '/',
    wildcard: false,
    // Names of assets bear their digest; the page itself is asked for each time.
    setHeaders: (reply, path) => {
      void reply.header('content-security-policy', policy);
      void reply.header('x-content-type-options', 'nosniff');
      void reply.header('referrer-policy', 'no-referrer');
      void reply.header(
        'cache-control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
}

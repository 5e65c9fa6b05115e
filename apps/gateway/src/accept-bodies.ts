import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkBodyShape } from './body-shape.js';
import { Problem } from './problems/problem.js';

const rawFile = 'application/octet-stream';
const formLimits = { fileSize: Infinity, fieldSize: 256 * 1024, fields: 50, files: 2, headerPairs: 100 };
const takesForms = ['/v1/assets', '/v1/videos', '/v1/images'];

/** JSON everywhere, forms where a file is uploaded; whatever else comes to the assets is a file, handed on as it streams in. */
export async function acceptBodies(fastify: FastifyInstance): Promise<void> {
  fastify.removeContentTypeParser('text/plain');
  await fastify.register(multipart, { limits: formLimits });
  fastify.addContentTypeParser(rawFile, (_request, payload, done) => done(null, payload));
  fastify.addHook('onRequest', async (request) => {
    const route = request.routeOptions.url ?? '';
    if (isForm(request)) return assertTaken(takesForms.includes(route));
    if (request.method !== 'POST' || route !== '/v1/assets') return assertTaken(!isRawFile(request));
    // What it is, is read from its bytes, also when a client calls it JSON.
    request.headers['content-type'] = rawFile;
  });
  fastify.addHook('preHandler', async ({ body }) => checkBodyShape(body));
}

/** By its header: the request is asked before its body is. */
function isForm(request: FastifyRequest): boolean {
  return /^multipart\/form-data/i.test(request.headers['content-type'] ?? '');
}

function isRawFile(request: FastifyRequest): boolean {
  return request.headers['content-type']?.toLowerCase().startsWith(rawFile) ?? false;
}

/** Elsewhere, the stream of the file itself would be taken for the request's data. */
function assertTaken(isTaken: boolean): void {
  if (!isTaken)
    throw new Problem(415, 'body.type_unsupported', 'a file is not taken here; send application/json');
}

import { HeavyliftError, InvalidPayloadError, type Logger } from '@heavylift/core';
import { BlobStoreFullError } from '@heavylift/storage';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { StoreUnavailableError } from '../store/index.js';
import { discardRest } from './discard-rest.js';
import { Problem, type ProblemBody, problemBody } from './problem.js';

/** Makes every error an `application/problem+json`. What nobody foresaw is logged, and answered without its details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    if (reply.raw.headersSent) return this.cutShort(error, request, reply);
    if (isGone(request))
      this.logger.info('a client went away before its request was whole', placeOf(request));
    discardRest(request.raw);
    if (isHealthReport(error)) return void reply.status(error.getStatus()).send(error.getResponse());
    const body = this.bodyOf(error, request);
    const headers = error instanceof Problem ? error.extra.headers : retryHeaders(body);
    answer(reply, body, headers);
  }

  /** The answer has begun: all that is left is to make the client see that it is not whole. */
  private cutShort(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    this.logger.warn('an answer broke off', { error, ...placeOf(request) });
    reply.raw.destroy();
  }

  private bodyOf(error: unknown, request: FastifyRequest): ProblemBody {
    if (error instanceof Problem) return error.getResponse() as ProblemBody;
    if (error instanceof InvalidPayloadError)
      return problemBody(422, error.code, error.message, error.errors);
    if (error instanceof StoreUnavailableError) {
      this.logger.warn('a request failed for the store', { error, ...placeOf(request) });
      return problemBody(503, 'store.unavailable', 'the job store cannot be used now; try again later');
    }
    if (error instanceof BlobStoreFullError) {
      this.logger.warn('a file was refused for want of room', { error, ...placeOf(request) });
      return problemBody(507, 'storage.full', 'there is no room left for files; try again later');
    }
    const status = statusOf(error);
    if (status < 500 && error instanceof Error)
      return problemBody(status, codeOf(status, error), error.message);
    if (!isGone(request)) this.logger.error('a request failed', { error, ...placeOf(request) });
    return problemBody(500, 'internal', 'something went wrong here; the log of the gateway says what');
  }
}

/** Fastify's own errors, from before it knows a route: a path that cannot be read, or with too long a part. */
export function answerFrameworkError(
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  const status = error.statusCode ?? 400;
  answer(reply, problemBody(status, codeOf(status, error), error.message), {});
}

function answer(
  reply: FastifyReply,
  body: ProblemBody,
  headers: Readonly<Record<string, string>> = {},
): void {
  void reply
    .status(body.status)
    .headers({
      ...headers,
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
    })
    .send(JSON.stringify(body));
}

/** Nobody is there to hear the answer, and what failed is the reading. */
function isGone({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete;
}

function placeOf({ method, url }: FastifyRequest): { readonly method: string; readonly url: string } {
  return { method, url };
}

function retryHeaders(body: ProblemBody): Record<string, string> {
  return body.status === 503 || body.status === 429 ? { 'retry-after': '5' } : {};
}

/** Terminus reports a process that is not ready by an exception; its report is the answer. */
function isHealthReport(error: unknown): error is HttpException {
  if (!(error instanceof HttpException)) return false;
  const response = error.getResponse();
  return typeof response === 'object' && 'details' in response && 'status' in response;
}

/** Nest's and Fastify's own errors carry their status; ours of the core are the server's fault. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof HeavyliftError || !(error instanceof Error)) return 500;
  const { statusCode } = error as Error & { statusCode?: number };
  return statusCode ?? (error instanceof SyntaxError ? 400 : 500);
}

const codes: Readonly<Record<number, string>> = {
  400: 'request.invalid',
  404: 'route.not_found',
  405: 'method.not_allowed',
  408: 'request.timeout',
  413: 'body.too_large',
  414: 'path.too_long',
  415: 'body.type_unsupported',
  429: 'rate.limited',
};

/** Nest wraps Fastify's errors; their codes are in the cause. */
function codeOf(status: number, error: Error): string {
  const { code = '' } = (error.cause ?? error) as { code?: string };
  if (status === 400 && (error instanceof SyntaxError || code.includes('JSON'))) return 'body.invalid_json';
  return codes[status] ?? 'request.refused';
}

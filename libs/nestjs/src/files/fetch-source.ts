import { open, rm } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { UnrecoverableError } from '@heavylift/core';
import { type Agent, type Dispatcher, request } from 'undici';
import { guardedAgent } from './guarded-agent.js';
import { type AddressRule, anyAddress, isPublicAddress } from './public-address.js';
import { asSourceError, tooLarge, unreachable } from './source-errors.js';
import { parseSourceUrl } from './source-url.js';

export interface FetchSourceOptions {
  /** Whether private, loopback and link-local addresses may be fetched from. */
  readonly allowPrivate: boolean;
  /** Which addresses may be; stands in for `allowPrivate`. */
  readonly isAllowed?: AddressRule;
  /** The longest file taken, after decompression. */
  readonly maxBytes: number;
  /** The longest silence of the other side. The whole may take as long as `signal` lets it. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Hears of each piece: bytes so far, and of how many when the other side tells. */
  readonly onProgress?: (bytes: number, totalBytes: number | undefined) => void;
}

type Response = Dispatcher.ResponseData;

const mostRedirects = 5;
const redirects: readonly number[] = [301, 302, 303, 307, 308];
/** Of the answers 4xx, those that may be another next time: time-out, too early, too many requests. */
const passing: readonly number[] = [408, 425, 429];

/**
 * Fetches an http(s) URL into a new file at `path`; when it rejects, no new file is left. Every connection, also after a redirect, goes only to an allowed
 * address.
 * @throws {UnrecoverableError} `source.scheme`, `source.userinfo`, `source.private_address`, `source.too_large`, `source.too_many_redirects`,
 * `source.not_found` (the answers 4xx but 408, 425 and 429), `source.encoding`
 * @throws {HeavyliftError} `source.unreachable`, worth another try: no connection, a broken one, silence, any other answer
 * @throws the signal's reason
 */
export async function fetchSource(url: string, path: string, options: FetchSourceOptions): Promise<void> {
  options.signal.throwIfAborted();
  const start = parseSourceUrl(url);
  const agent = guardedAgent(
    options.isAllowed ?? (options.allowPrivate ? anyAddress : isPublicAddress),
    options,
  );
  try {
    const { host, response } = await follow(start, agent, options.signal);
    await save(path, bounded(host, response, options));
  } finally {
    // Ends every connection, so that bodies nobody reads to their end go with it.
    await agent.destroy();
  }
}

/** Asks, and asks on where it is sent to, until there is an answer with the content. */
async function follow(
  start: URL,
  agent: Agent,
  signal: AbortSignal,
): Promise<{ host: string; response: Response }> {
  let url = start;
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await ask(url, agent, signal);
    const location = response.headers.location;
    if (!redirects.includes(response.statusCode) || typeof location !== 'string') {
      refuseFailure(url.hostname, response.statusCode);
      return { host: url.hostname, response };
    }
    response.body.destroy();
    url = parseSourceUrl(location, url);
  }
  throw new UnrecoverableError(
    'source.too_many_redirects',
    `${start.hostname} redirects more than ${mostRedirects} times; use the address at the end`,
  );
}

async function ask(url: URL, agent: Agent, signal: AbortSignal): Promise<Response> {
  try {
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'heavylift' };
    const response = await request(url, { dispatcher: agent, headers, signal });
    response.body.on('error', () => {
      // Whoever reads the body gets the error there; without a listener, that of an unread body would end the process.
    });
    return response;
  } catch (error) {
    throw asSourceError(error, url.hostname, signal);
  }
}

function refuseFailure(host: string, status: number): void {
  if (status >= 200 && status < 300) return;
  if (status >= 400 && status < 500 && !passing.includes(status))
    throw new UnrecoverableError(
      'source.not_found',
      `${host} does not give us the file: it answered ${status}`,
    );
  throw unreachable(host, `it answered ${status}`);
}

/** The content, cut off with an error where it gets too long. */
async function* bounded(
  host: string,
  response: Response,
  { maxBytes, signal, onProgress }: FetchSourceOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const total = declaredBytes(response);
  if (total !== undefined && total > maxBytes) throw tooLarge(host, maxBytes);
  let bytes = 0;
  for await (const chunk of received(host, response, signal)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(host, maxBytes);
    onProgress?.(bytes, total);
    yield chunk;
  }
}

/** The content as it comes. What goes wrong on the way is told as the source's error, apart from those of this machine's disk. */
async function* received(
  host: string,
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* decoded(host, response);
  } catch (error) {
    throw asSourceError(error, host, signal);
  }
}

/** Some servers compress though they were asked not to. */
function decoded(host: string, response: Response): AsyncIterable<Uint8Array> {
  const encoding = encodingOf(response);
  if (encoding === 'identity') return response.body;
  const decoder = decoderOf(encoding);
  if (!decoder)
    throw new UnrecoverableError(
      'source.encoding',
      `${host} sends the file in an encoding that is not known here`,
    );
  return pipeline(response.body, decoder, () => {
    // Whoever reads the decoder gets the error there.
  });
}

function decoderOf(encoding: string): Transform | undefined {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  return undefined;
}

function encodingOf(response: Response): string {
  return (
    String(response.headers['content-encoding'] ?? '')
      .trim()
      .toLowerCase() || 'identity'
  );
}

/** What the other side says that the file's length is; says nothing of a compressed one. */
function declaredBytes(response: Response): number | undefined {
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  return encodingOf(response) === 'identity' && Number.isSafeInteger(length) ? length : undefined;
}

async function save(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(source);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

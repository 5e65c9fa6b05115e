import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** The longest answer that is taken. */
  readonly maxBytes: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The other side sent more than `maxBytes`. */
export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError';
}

/**
 * Posts JSON and gives the whole answer. Not by `fetch`, which gives up on a server that thinks for more than five minutes before its first byte. Follows no redirect.
 * @throws {AnswerTooLongError}
 * @throws Node's error when the connection fails or the signal aborts
 */
export async function postJson(url: URL, json: unknown, options: PostOptions): Promise<Answer> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const body = Buffer.from(JSON.stringify(json));
  const sent = request(url, {
    method: 'POST',
    // A connection of its own: a kept one may be closed by the other side at the moment of the next request.
    agent: false,
    signal: options.signal,
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'content-length': String(body.byteLength),
      'user-agent': 'heavylift',
      ...options.headers,
    },
  });
  try {
    // Finds out that the other side is gone, also while it is silent.
    sent.setSocketKeepAlive(true, 30_000);
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    sent.on('error', () => {
      // Whoever reads the answer gets the error there.
    });
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: await read(response, options),
    };
  } finally {
    sent.destroy();
  }
}

async function read(response: IncomingMessage, { maxBytes }: PostOptions): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new AnswerTooLongError(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';

/** The body of a request to the images API. */
export interface ImagesRequest {
  readonly prompt?: unknown;
  readonly model?: string;
  readonly n?: number;
  readonly size?: string;
  readonly response_format?: string;
  readonly seed?: number;
}

export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: ImagesRequest;
}

type Reply = (response: ServerResponse, received: Received) => unknown;

/**
 * A server on this machine that follows OpenAI's images API: keys, wrong sizes, `b64_json` and `url`. `next` puts an answer of the test's own before that, for
 * one request.
 */
export class ImagesApiServer {
  readonly received: Received[] = [];
  readonly key: string | undefined;
  /** Like `127.0.0.1:4711`. */
  readonly host: string;
  readonly #server: Server;
  readonly #next: Reply[] = [];

  private constructor(server: Server, key: string | undefined) {
    this.#server = server;
    this.key = key;
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** `key`: what it asks for; without one it lets everybody in. */
  static async open(key?: string): Promise<ImagesApiServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ImagesApiServer(server, key);
  }

  /** Where the API begins. */
  get url(): string {
    return `http://${this.host}/v1`;
  }

  next(reply: Reply): void {
    this.#next.push(reply);
  }

  /** The next request gets an error as OpenAI writes them. */
  fail(status: number, message: string, headers: Readonly<Record<string, string>> = {}): void {
    this.next((response) => sendError(response, status, message, headers));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith('/pictures/')) return void response.end(await picture(request.url.slice(10)));
    const received = await receive(request);
    this.received.push(received);
    const reply = this.#next.shift() ?? ((_response) => this.#generate(_response, received));
    await reply(response, received);
  }

  async #generate(response: ServerResponse, { method, path, authorization, body }: Received): Promise<void> {
    if (this.key !== undefined && authorization !== `Bearer ${this.key}`)
      return sendError(response, 401, `Incorrect API key provided: ${authorization?.slice(7) ?? ''}`);
    if (method !== 'POST' || path !== '/v1/images/generations')
      return sendError(response, 404, `Invalid URL (${method} ${path})`);
    const { prompt, n = 1, size = '256x256', response_format: format = 'url' } = body;
    if (typeof prompt !== 'string') return sendError(response, 400, "Missing required parameter: 'prompt'.");
    if (!/^(64|256|512)x(64|256|512)$/.test(size))
      return sendError(
        response,
        400,
        `Invalid value: '${size}'. Supported values are: '256x256', '512x512'.`,
      );
    const one =
      format === 'url'
        ? { url: `http://${this.host}/pictures/${size}` }
        : { b64_json: (await picture(size)).toString('base64') };
    sendJson(response, 200, { created: 1_900_000_000, data: Array.from({ length: n }, () => one) });
  }
}

/** A plain picture of a size like `256x256`. */
export function picture(size: string, format: 'png' | 'jpeg' | 'webp' | 'gif' = 'png'): Promise<Buffer> {
  const [width = 1, height = 1] = size.split('x').map(Number);
  return sharp({ create: { width, height, channels: 3, background: '#2a7' } })
    .toFormat(format)
    .toBuffer();
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendError(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(
    JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
  );
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { method, url: path, headers } = request;
  return {
    method,
    path,
    authorization: headers.authorization,
    body: (text === '' ? {} : JSON.parse(text)) as ImagesRequest,
  };
}

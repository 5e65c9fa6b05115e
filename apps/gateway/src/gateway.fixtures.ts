import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Logger } from '@heavylift/core';
import type { LoggerService } from '@nestjs/common';
import type { GatewaySettings } from './gateway-settings.js';
import { startGateway } from './start-gateway.js';

/** Only what never happens waits so long. */
const patienceMs = 25_000;

/** A real gateway in this process, on a folder of its own. One at a time: all share the process's embedded broker. */
export interface TestGateway {
  readonly url: string;
  readonly database: string;
  readonly log: KeptLog;
  /** The stored files, finished or not. */
  files(): Promise<readonly string[]>;
  call<T = unknown>(method: string, path: string, options?: CallOptions): Promise<Answer<T>>;
  post<T = unknown>(path: string, json: unknown): Promise<Answer<T>>;
  get<T = unknown>(path: string): Promise<Answer<T>>;
  /** Ends the gateway, without its folder. */
  stop(): Promise<void>;
  /** Ends the gateway and its folder. */
  close(): Promise<void>;
}

export interface CallOptions {
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface AssetBody {
  readonly id: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

export async function openGateway(settings: Partial<GatewaySettings> = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'heavylift-gateway-'));
  const log = new KeptLog();
  const database = join(folder, 'jobs.db');
  const running = await startGateway({ ...settingsIn(folder, database), ...settings }, log);
  const url = running.url;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= running.stop());
  return {
    url,
    database,
    log,
    files: () => filesIn(join(folder, 'files')),
    call: (method, path, options) => call(url, method, path, options),
    post: (path, json) =>
      call(url, 'POST', path, {
        body: JSON.stringify(json),
        headers: { 'content-type': 'application/json' },
      }),
    get: (path) => call(url, 'GET', path),
    stop,
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function settingsIn(folder: string, database: string): GatewaySettings {
  return {
    broker: 'embedded:',
    database: `sqlite:${database}`,
    storage: `file:${join(folder, 'files')}`,
    host: '127.0.0.1',
    port: 0,
    apiKeys: undefined,
    maxUploadBytes: 1024 * 1024,
    drainTimeoutSeconds: 2,
    retentionDays: 30,
    allowPrivateSources: false,
  };
}

async function call<T>(
  url: string,
  method: string,
  path: string,
  { body, headers }: CallOptions = {},
): Promise<Answer<T>> {
  const init: RequestInit = { method, ...(headers ? { headers } : {}), ...(body == null ? {} : { body }) };
  const response = await fetch(url + path, init);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text) as T,
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A form with one file, the other fields before or after it. */
export function formOf(
  file: Uint8Array<ArrayBuffer> | string,
  { name = 'file.bin', before = {}, after = {} }: FormParts = {},
): FormData {
  const form = new FormData();
  for (const [field, text] of Object.entries(before)) form.append(field, text);
  form.append('file', new Blob([file]), name);
  for (const [field, text] of Object.entries(after)) form.append(field, text);
  return form;
}

interface FormParts {
  readonly name?: string;
  readonly before?: Readonly<Record<string, string>>;
  readonly after?: Readonly<Record<string, string>>;
}

export async function storeFile(
  gateway: TestGateway,
  file: Uint8Array<ArrayBuffer> | string,
  name?: string,
): Promise<AssetBody> {
  const { status, body } = await gateway.call<AssetBody>('POST', '/v1/assets', {
    body: formOf(file, name === undefined ? {} : { name }),
  });
  if (status !== 201) throw new Error(`the file was not stored: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** An answer as it came, without what fetch does of its own accord. */
export async function rawCall(
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  const sent = request(url, { ...options, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) };
}

/** Everything that the gateway answers to these bytes, until it closes, or `until` is in it. */
export async function rawBytes(
  url: string,
  bytes: string,
  until: RegExp,
  limitMs = patienceMs,
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const late = setTimeout(() => socket.destroy(new Error(`no answer within ${limitMs} ms`)), limitMs);
  let text = '';
  try {
    socket.write(bytes);
    for await (const chunk of socket.setEncoding('utf8')) {
      text += chunk as string;
      if (until.test(text)) break;
    }
    return text;
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

/** Waits until a condition holds; fails with its name when it does not in time. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = patienceMs,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await pause(10);
  }
}

/** Keeps all that a gateway logs, as text. */
export class KeptLog implements Logger, LoggerService {
  readonly lines: string[] = [];

  info(message: unknown, ...rest: unknown[]): void {
    this.#keep('info', message, rest);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#keep('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#keep('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#keep('error', message, rest);
  }

  at(level: string): readonly string[] {
    return this.lines.filter((line) => line.startsWith(`${level}: `));
  }

  #keep(level: string, message: unknown, rest: readonly unknown[]): void {
    this.lines.push(`${level}: ${[message, ...rest].map((part) => inspect(part, { depth: 6 })).join(' ')}`);
  }
}

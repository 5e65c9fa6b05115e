import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { phoneClip, smallPicture } from '../../support/media.js';
import type { Kind } from './wish.js';

export interface SourceServer {
  readonly url: string;
  close(): Promise<void>;
}

const shortestMs = 1_000;
const slowestMs = 7_000;

/** Serves the sources of jobs as their wishes want them, and tells of each request: who runs a job cannot hide it. */
export async function openSourceServer(onFetch: (tag: string) => void): Promise<SourceServer> {
  const picture = await readFile(await smallPicture());
  const clip = await readFile(await phoneClip(1));
  const fetched = new Set<string>();
  const server = createServer((request, response) => {
    const { kind, tag } = wanted(request);
    const isFirst = !fetched.has(tag);
    fetched.add(tag);
    onFetch(tag);
    answer({ kind, tag, isFirst, picture, clip }, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => close(server) };
}

interface Request {
  readonly kind: Kind;
  readonly tag: string;
  readonly isFirst: boolean;
  readonly picture: Buffer;
  readonly clip: Buffer;
}

function answer({ kind, tag, isFirst, picture, clip }: Request, response: ServerResponse): void {
  if (kind === 'missing') return void response.writeHead(404).end();
  if (kind === 'flaky' && isFirst) return void response.writeHead(503).end();
  if (kind === 'broken') return void response.end('no picture at all');
  if (kind === 'film') return void response.end(clip);
  const timer = setTimeout(() => response.end(picture), kind === 'slow' ? slownessOf(tag) : 0);
  response.on('close', () => clearTimeout(timer));
}

/** The same for the same tag, so that a seed gives the same jobs. */
function slownessOf(tag: string): number {
  const mixed = [...tag].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 7_919, 7);
  return shortestMs + (mixed % (slowestMs - shortestMs));
}

function wanted(request: IncomingMessage): { kind: Kind; tag: string } {
  const [, kind, tag = ''] = (request.url ?? '').split('/');
  return { kind: kind as Kind, tag };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

/** The built-in task in its simplest form: answers 202, and does the work in its own process, in a promise that nobody awaits. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AbstractPicture } from '../../apps/image-worker/src/cppn/abstract-picture.ts';
import { savePng } from '../../apps/image-worker/src/libvips.ts';

const folder = process.env.FOLDER ?? '.';

async function draw(id: string, side: number): Promise<void> {
  const picture = new AbstractPicture({ prompt: 'a fox', seed: 7, width: side, height: side });
  await savePng(picture.rows(0, side), { width: side, height: side }, join(folder, `${id}.png`));
}

function accept(side: number, response: ServerResponse): void {
  const id = randomUUID();
  response.writeHead(202).end(JSON.stringify({ id }), () => void draw(id, side));
}

const server = createServer((request, response) => {
  const [, what, name = ''] = request.url?.split('/') ?? [];
  if (what === 'draw') return accept(Number(name), response);
  response.writeHead(what === 'pictures' && !existsSync(join(folder, `${name}.png`)) ? 404 : 200).end();
});
// A process that is busy for seconds would else cut off the clients that kept their connections.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
});

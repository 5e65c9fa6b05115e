import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../harness/program.ts';
import { call, type Way } from './way.ts';

const entry = join(import.meta.dirname, 'promise-server.ts');

/** A promise that nobody awaits, in the process that answers. */
export async function openPromiseWay(): Promise<Way> {
  const folder = await mkdtemp(join(tmpdir(), 'heavylift-bench-'));
  let server = await Program.start(entry, { FOLDER: folder });
  return {
    name: 'un-awaited promise',
    submit: async (side) => {
      const { id } = (await (await call(`${server.url}/draw/${side}`, {})).json()) as { id: string };
      return id;
    },
    isDone: async (id) => (await call(`${server.url}/pictures/${id}`)).status === 200,
    waitMs: async () => undefined,
    ping: async () => void (await (await call(server.url)).text()),
    crash: async () => {
      await server.end('SIGKILL');
      server = await Program.start(entry, { FOLDER: folder });
    },
    stop: async () => {
      await server.end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

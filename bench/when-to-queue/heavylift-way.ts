import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../harness/program.ts';
import { call, type Way } from './way.ts';

const root = join(import.meta.dirname, '../..');

interface Job {
  readonly id: string;
  readonly status: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
}

/** Heavylift: one process on the embedded broker, else a gateway and an image worker. */
export async function openHeavyliftWay(name: string, brokerUrl: string): Promise<Way> {
  const folder = await mkdtemp(join(tmpdir(), 'heavylift-bench-'));
  const env = {
    BROKER_URL: brokerUrl,
    DATABASE_URL: `sqlite:${folder}/heavylift.db`,
    STORAGE_URL: `file:${folder}/files`,
    PORT: '0',
  };
  const apps = brokerUrl === 'embedded:' ? ['standalone'] : ['gateway', 'image-worker'];
  const start = (): Promise<Program[]> =>
    Promise.all(apps.map((app) => Program.start(join(root, 'apps', app, 'dist/main.js'), env)));
  let programs = await start();
  const end = (signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown> =>
    Promise.all(programs.map((one) => one.end(signal)));
  const api = (path: string): string => `${programs[0]!.url}${path}`;
  const job = async (id: string): Promise<Job> => (await (await call(api(`/v1/jobs/${id}`))).json()) as Job;
  return {
    name: `Heavylift, ${name}`,
    submit: async (side) => {
      const response = await call(api('/v1/images/generate'), { prompt: 'a fox', seed: 7, width: side });
      return ((await response.json()) as Job).id;
    },
    isDone: async (id) => (await job(id)).status === 'succeeded',
    waitMs: async (id) => {
      const { createdAt, startedAt } = await job(id);
      return startedAt === null ? undefined : Date.parse(startedAt) - Date.parse(createdAt);
    },
    ping: async () => void (await (await call(api('/health/live'))).text()),
    crash: async () => {
      await end('SIGKILL');
      programs = await start();
    },
    stop: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

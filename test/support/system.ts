import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedPostgresUrl, sharedRabbitmqManagementUrl, sharedRabbitmqUrl, startNats } from '@heavylift/test-servers';
import { Api } from './api.js';
import { HeavyliftProcess } from './process.js';

export const brokers = ['embedded', 'rabbitmq', 'nats'] as const;
export type Broker = (typeof brokers)[number];

/** The brokers to test on; `BROKERS=embedded,nats` chooses. */
export const chosenBrokers: readonly Broker[] = brokers.filter((broker) =>
  (process.env.BROKERS ?? brokers.join(',')).split(',').includes(broker),
);

export interface System {
  readonly broker: Broker;
  readonly brokerUrl: string;
  /** The folder with database and files. */
  readonly folder: string;
  readonly api: Api;
  /** By app: `standalone`, or `gateway`, `video-worker` and `image-worker`. */
  readonly processes: Readonly<Record<string, HeavyliftProcess>>;
  /** Starts one of the processes again, with the same settings. */
  restart(app: string): Promise<void>;
  stop(): Promise<void>;
}

/** The whole system as a user runs it: one process on the embedded broker, else three on a broker of their own. */
export async function startSystem(broker: Broker, env: NodeJS.ProcessEnv = {}): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'heavylift-system-'));
  const own = await ownBroker(broker);
  const common = {
    BROKER_URL: own.url,
    STORAGE_URL: `file:${folder}/files`,
    DATABASE_URL: `sqlite:${folder}/heavylift.db`,
    PORT: '0',
    ALLOW_PRIVATE_SOURCES: 'true',
    ...(process.env.FFMPEG_PATH ? { FFMPEG_PATH: process.env.FFMPEG_PATH } : {}),
    ...env,
  };
  const apps = broker === 'embedded' ? ['standalone'] : ['gateway', 'video-worker', 'image-worker'];
  const processes: Record<string, HeavyliftProcess & { url: string }> = {};
  for (const app of apps) processes[app] = await HeavyliftProcess.start(app, common);
  const api = new Api(processes[apps[0]!]!.url);
  const front = apps[0]!;
  return {
    broker,
    brokerUrl: own.url,
    folder,
    api,
    processes,
    restart: async (app) => {
      const started = await HeavyliftProcess.start(app, common);
      processes[app] = started;
      if (app === front) api.url = started.url;
    },
    stop: async () => {
      await Promise.all(Object.values(processes).map((one) => one.stop()));
      await own.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A broker that no other test speaks to: a virtual host of the shared RabbitMQ, a NATS server of its own. */
async function ownBroker(broker: Broker): Promise<{ url: string; stop(): Promise<void> }> {
  if (broker === 'embedded') return { url: 'embedded:', stop: async () => {} };
  if (broker === 'nats') return startNats();
  const vhost = `test-${randomBytes(4).toString('hex')}`;
  await manage('PUT', `/api/vhosts/${vhost}`);
  await manage('PUT', `/api/permissions/${vhost}/guest`, { configure: '.*', write: '.*', read: '.*' });
  return { url: `${await sharedRabbitmqUrl()}/${vhost}`, stop: () => manage('DELETE', `/api/vhosts/${vhost}`).then(() => {}) };
}

/** A call of RabbitMQ's management API. */
export async function manage(method: string, path: string, body?: unknown): Promise<unknown> {
  const base = new URL(await sharedRabbitmqManagementUrl());
  const authorization = `Basic ${Buffer.from(`${base.username}:${base.password}`).toString('base64')}`;
  const response = await fetch(`${base.origin}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

/** A PostgreSQL database of one's own on the shared server. */
export async function ownPostgresDatabase(): Promise<string> {
  const { Client } = (await import('pg')).default;
  const url = new URL(await sharedPostgresUrl());
  const name = `test_${randomBytes(4).toString('hex')}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  url.pathname = `/${name}`;
  return url.href;
}

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  sharedPostgresUrl,
  sharedRabbitmqManagementUrl,
  sharedRabbitmqUrl,
  startNats,
} from '@heavylift/test-servers';
import { Api } from './api.js';
import { HeavyliftProcess } from './process.js';

export const brokers = ['embedded', 'rabbitmq', 'nats'] as const;
export type Broker = (typeof brokers)[number];

/** The brokers to test on; `BROKERS=embedded,nats` chooses. */
export const chosenBrokers: readonly Broker[] = brokers.filter((broker) =>
  (process.env.BROKERS ?? brokers.join(',')).split(',').includes(broker),
);

/** Those of them that are servers. */
export const chosenServers = chosenBrokers.filter((broker) => broker !== 'embedded');

export interface System {
  readonly broker: Broker;
  readonly brokerUrl: string;
  /** The folder with database and files. */
  readonly folder: string;
  readonly api: Api;
  /** By app: `standalone`, or `gateway`, `video-worker` and `image-worker`. */
  readonly processes: Readonly<Record<string, HeavyliftProcess & { readonly url: string }>>;
  /** Messages that the broker holds: jobs that wait or run, and events that nobody has taken yet. */
  waiting(): Promise<number>;
  /** Starts one of the processes again, with the same settings; what `changes` names is set on top. */
  restart(app: string, changes?: NodeJS.ProcessEnv): Promise<HeavyliftProcess & { readonly url: string }>;
  stop(): Promise<void>;
}

/** The whole system as a user runs it: one process on the embedded broker, else three on a broker of their own, or only the `chosen`. */
export async function startSystem(
  broker: Broker,
  env: NodeJS.ProcessEnv = {},
  chosen: readonly string[] = ['gateway', 'video-worker', 'image-worker'],
): Promise<System> {
  const folder = await ownFolder();
  const own = await ownBroker(broker);
  const common = settingsOf({ folder, brokerUrl: own.url, env });
  const apps = broker === 'embedded' ? ['standalone'] : chosen;
  const started = apps.map(async (app) => [app, await HeavyliftProcess.start(app, common)] as const);
  const processes = Object.fromEntries(await Promise.all(started));
  const api = new Api(processes[apps[0]!]!.url);
  const front = apps[0]!;
  return {
    broker,
    brokerUrl: own.url,
    folder,
    waiting: () => own.waiting(),
    api,
    processes,
    restart: async (app, changes) => {
      const started = await HeavyliftProcess.start(app, { ...common, ...changes });
      processes[app] = started;
      if (app === front) api.url = started.url;
      return started;
    },
    stop: async () => {
      await Promise.all(Object.values(processes).map((one) => one.stop()));
      await own.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A temporary folder, for the caller to remove. */
export function ownFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'heavylift-system-'));
}

/** The settings that all processes of one system share; what `env` names is set on top. */
export function settingsOf(options: {
  readonly folder: string;
  readonly brokerUrl: string;
  readonly env?: NodeJS.ProcessEnv;
}): NodeJS.ProcessEnv {
  const { folder, brokerUrl, env } = options;
  return {
    BROKER_URL: brokerUrl,
    STORAGE_URL: `file:${folder}/files`,
    DATABASE_URL: `sqlite:${folder}/heavylift.db`,
    PORT: '0',
    ALLOW_PRIVATE_SOURCES: 'true',
    ...(process.env.FFMPEG_PATH ? { FFMPEG_PATH: process.env.FFMPEG_PATH } : {}),
    ...env,
  };
}

export interface OwnBroker {
  readonly url: string;
  /** See `System.waiting`. */
  waiting(): Promise<number>;
  stop(): Promise<void>;
}

/** A broker that no other test speaks to: a virtual host of the shared RabbitMQ, a NATS server of its own. */
export async function ownBroker(broker: Broker): Promise<OwnBroker> {
  if (broker === 'embedded') return { url: 'embedded:', waiting: async () => 0, stop: async () => {} };
  if (broker === 'rabbitmq') return ownVirtualHost();
  const nats = await startNats();
  return { url: nats.url, waiting: () => waitingInNats(nats.monitorUrl), stop: () => nats.stop() };
}

async function ownVirtualHost(): Promise<OwnBroker> {
  const vhost = `test-${randomBytes(4).toString('hex')}`;
  await manage('PUT', `/api/vhosts/${vhost}`);
  await manage('PUT', `/api/permissions/${vhost}/guest`, { configure: '.*', write: '.*', read: '.*' });
  return {
    url: `${await sharedRabbitmqUrl()}/${vhost}`,
    waiting: async () => {
      const queues = (await manage('GET', `/api/queues/${vhost}`)) as { messages?: number }[];
      // A queue that is too young to be counted has no number; then the answer is "not empty".
      return queues.reduce((sum, queue) => sum + (queue.messages ?? 1), 0);
    },
    stop: async () => void (await manage('DELETE', `/api/vhosts/${vhost}`)),
  };
}

interface Consumer {
  readonly num_pending: number;
  readonly num_ack_pending: number;
}

/** What its consumers have not taken or not acknowledged: events stay in their stream for other readers. */
async function waitingInNats(monitorUrl: string): Promise<number> {
  const response = await fetch(`${monitorUrl}/jsz?consumers=true`);
  const { account_details: accounts = [] } = (await response.json()) as {
    account_details?: { stream_detail?: { consumer_detail?: Consumer[] }[] }[];
  };
  const streams = accounts.flatMap((account) => account.stream_detail ?? []);
  const consumers = streams.flatMap((stream) => stream.consumer_detail ?? []);
  return consumers.reduce((sum, consumer) => sum + consumer.num_pending + consumer.num_ack_pending, 0);
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
export async function ownPostgresDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const url = new URL(await sharedPostgresUrl());
  const name = `test_${randomBytes(4).toString('hex')}`;
  const admin = url.href;
  await runSql(admin, `CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runSql(admin, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function runSql(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

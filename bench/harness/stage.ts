import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  startNats,
  startPostgres,
  startRabbitmq,
  startRedis,
  type TestServer,
} from '../../libs/test-servers/src/index.ts';
import type { Broker } from './scenario.ts';

/** A PostgreSQL whose commits wait for the disk, as in production. */
const starters = {
  rabbitmq: () => startRabbitmq(),
  nats: () => startNats(),
  postgres: () => startPostgres({ fsync: true }),
  redis: () => startRedis(),
} satisfies Record<string, () => Promise<TestServer>>;

type Server = keyof typeof starters;

export interface StageOptions {
  readonly broker: Broker;
  /** Only enough to see that it works. */
  readonly small: boolean;
  /** Servers that run already, by their addresses. Others are started. */
  readonly servers?: Readonly<Partial<Record<Server, string>>>;
}

/** Where a scenario is played: its servers, started when first asked for and ended with it. */
export class Stage {
  readonly broker: Broker;
  readonly small: boolean;
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #servers = new Map<Server, Promise<string>>();

  constructor({ broker, small, servers = {} }: StageOptions) {
    this.broker = broker;
    this.small = small;
    for (const [server, url] of Object.entries(servers))
      this.#servers.set(server as Server, Promise.resolve(url));
  }

  /** The first for a whole run, the second for a small one. */
  pick<T>(whole: T, small: T): T {
    return this.small ? small : whole;
  }

  async brokerUrl(): Promise<string> {
    return this.broker === 'embedded' ? 'embedded:' : this.#server(this.broker);
  }

  /** For peers that know no other broker. */
  rabbitmqUrl(): Promise<string> {
    return this.#server('rabbitmq');
  }

  redisUrl(): Promise<string> {
    return this.#server('redis');
  }

  /** A new database: on PostgreSQL, or of SQLite where the broker is embedded. The commits of both wait for the disk. */
  async databaseUrl(): Promise<string> {
    if (this.broker === 'embedded') return `sqlite:${await this.folder()}/heavylift.db`;
    const url = new URL(await this.#server('postgres'));
    const admin = url.href;
    const name = `bench_${randomBytes(4).toString('hex')}`;
    await runSql(admin, `CREATE DATABASE ${name}`);
    this.#closers.push(() => runSql(admin, `DROP DATABASE ${name} WITH (FORCE)`));
    url.pathname = `/${name}`;
    return url.href;
  }

  /** A new temporary folder. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'heavylift-bench-'));
    this.#closers.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  #server(name: Server): Promise<string> {
    const running = this.#servers.get(name) ?? this.#start(name);
    this.#servers.set(name, running);
    return running;
  }

  async #start(name: Server): Promise<string> {
    const server = await starters[name]();
    this.#closers.push(() => server.stop());
    return server.url;
  }
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

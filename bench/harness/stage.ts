import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, startPostgres, startRabbitmq, startRedis } from '../../libs/test-servers/src/index.ts';
import type { Broker } from './scenario.ts';

export interface StageOptions {
  readonly broker: Broker;
  /** Only enough to see that it works. */
  readonly small: boolean;
}

/** Where a scenario is played: its servers, started when first asked for and ended with it. */
export class Stage {
  readonly broker: Broker;
  readonly small: boolean;
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #servers = new Map<string, Promise<string>>();

  constructor({ broker, small }: StageOptions) {
    this.broker = broker;
    this.small = small;
  }

  /** The first for a whole run, the second for a small one. */
  pick<T>(whole: T, small: T): T {
    return this.small ? small : whole;
  }

  brokerUrl(): Promise<string> {
    if (this.broker === 'embedded') return Promise.resolve('embedded:');
    return this.#server(this.broker, this.broker === 'nats' ? startNats : startRabbitmq);
  }

  redisUrl(): Promise<string> {
    return this.#server('redis', startRedis);
  }

  /** A PostgreSQL whose commits wait for the disk; SQLite for the embedded broker, which does the same. */
  async databaseUrl(): Promise<string> {
    if (this.broker === 'embedded') return `sqlite:${await this.folder()}/heavylift.db`;
    return this.#server('postgres', () => startPostgres({ fsync: true }));
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

  #server(
    name: string,
    start: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
  ): Promise<string> {
    const running = this.#servers.get(name) ?? this.#start(start);
    this.#servers.set(name, running);
    return running;
  }

  async #start(
    start: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
  ): Promise<string> {
    const server = await start();
    this.#closers.push(() => server.stop());
    return server.url;
  }
}

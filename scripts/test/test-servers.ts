import {
  provide,
  startNats,
  startPostgres,
  startRabbitmq,
  type Program,
  type Provision,
  type TestServer,
} from '../../libs/test-servers/src/index.ts';
import type { Broker } from './brokers.ts';

type Environment = Readonly<Record<string, string>>;

const FILES: Readonly<Partial<Record<Program, string>>> = {
  ffmpeg: 'FFMPEG_PATH',
  chromium: 'CHROMIUM_PATH',
};

/** One of each server, shared by all specs; and the programs that they run. What the environment names is used as it is. */
export class TestServers {
  readonly #started: TestServer[] = [];
  #starting: Promise<unknown> = Promise.resolve();

  /**
   * Finds, or installs, what the selected brokers and the workers need, and returns where the programs are as
   * environment variables. `lenient`: what cannot be had is only mentioned, since the chosen specs may not need it.
   */
  async findPrograms(
    brokers: readonly Broker[],
    options: { readonly lenient: boolean },
  ): Promise<Environment> {
    const needed: Program[] = [...serversToStart(brokers), 'redis', 'ffmpeg', 'chromium'];
    try {
      return environmentOf(await provide(needed));
    } catch (error) {
      if (!options.lenient) throw error;
      console.warn(error instanceof Error ? error.message : error);
      return {};
    }
  }

  /** Starts them all at once and returns their addresses as environment variables. */
  async start(brokers: readonly Broker[]): Promise<Environment> {
    const all = Promise.all(
      serversToStart(brokers).map((program) => STARTERS[program]((server) => this.#started.push(server))),
    );
    this.#starting = all;
    return Object.assign({}, ...(await all)) as Environment;
  }

  /** Ends those that were started, also those that are still on the way up. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#starting]);
    await Promise.all(this.#started.splice(0).map((server) => server.stop()));
  }
}

type Server = 'rabbitmq' | 'nats' | 'postgres';
type Keep = (server: TestServer) => void;

const URLS = {
  rabbitmq: 'TEST_RABBITMQ_URL',
  nats: 'TEST_NATS_URL',
  postgres: 'TEST_POSTGRES_URL',
} as const satisfies Record<Server, string>;

const STARTERS: Readonly<Record<Server, (keep: Keep) => Promise<Environment>>> = {
  rabbitmq: async (keep) => {
    const server = await startRabbitmq();
    keep(server);
    return { [URLS.rabbitmq]: server.url, TEST_RABBITMQ_MANAGEMENT_URL: server.managementUrl };
  },
  nats: async (keep) => {
    const server = await startNats();
    keep(server);
    return { [URLS.nats]: server.url };
  },
  postgres: async (keep) => {
    const server = await startPostgres();
    keep(server);
    return { [URLS.postgres]: server.url };
  },
};

/** PostgreSQL always, and the selected brokers that need a server; none that the environment already names. */
function serversToStart(brokers: readonly Broker[]): Server[] {
  const servers: Server[] = [...brokers.filter((broker) => broker !== 'embedded'), 'postgres'];
  return servers.filter((server) => !process.env[URLS[server]]);
}

function environmentOf(provided: Readonly<Partial<Record<Program, Provision>>>): Environment {
  const entries = Object.entries(FILES).map(([program, variable]) => {
    const provision = provided[program as Program];
    return provision?.from === 'files' ? { [variable]: provision.path } : {};
  });
  return Object.assign({}, ...entries) as Environment;
}

import { readFile, rm } from 'node:fs/promises';
import { freePorts } from '@heavylift/test-servers';
import { smallPicture } from '../support/media.js';
import { ownFolder, ownPostgresDatabase, settingsOf } from '../support/system.js';
import { type ChaosBroker, type RealBroker, startBroker } from './chaos-broker.js';
import { ChaosProxy } from './chaos-proxy.js';
import { Service, type ServiceOptions } from './service.js';
import { openSourceServer } from './workload/source-server.js';
import type { Sources } from './workload/wish.js';

/** The system under chaos: real processes on a real broker, each with a network of its own between them. */
export interface World {
  readonly broker: ChaosBroker;
  readonly services: readonly Service[];
  readonly sources: Sources;
  /** Ends all of it. */
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly broker: RealBroker;
  /** Two gateways share PostgreSQL; one has SQLite. */
  readonly gateways: 1 | 2;
  /** Hears of each request for a source. */
  readonly onFetch: (tag: string) => void;
}

/** What the processes have in common, apart from addresses: small limits, so that long things happen in short runs. */
const settings = { CONCURRENCY: '6', DRAIN_TIMEOUT_SECONDS: '2', LEASE_RENEW_SECONDS: '2' };
const workers = ['image-worker', 'image-worker', 'video-worker'] as const;
/** RabbitMQ loses a quorum queue that is younger than this when it is killed. */
export const youngQueueMs = 2_500;

/** Starts all. What was started before something failed is ended again. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return { ...(await startAll(options, cleanups)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(
  { broker: kind, gateways, onFetch }: WorldOptions,
  cleanups: (() => Promise<unknown>)[],
): Promise<Omit<World, 'stop'>> {
  const folder = await ownFolder();
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const broker = await startBroker(kind);
  cleanups.push(() => broker.stop());
  const database = gateways === 2 ? await ownPostgresDatabase() : undefined;
  if (database) cleanups.push(() => database.drop());
  const env = settingsOf({
    folder,
    brokerUrl: broker.url,
    env: { ...settings, ...(database ? { DATABASE_URL: database.url } : {}) },
  });
  const services = await openServices({ broker, env, gateways });
  cleanups.push(() => endAll(services));
  await Promise.all(services.map((one) => one.start()));
  const server = await openSourceServer(onFetch);
  cleanups.push(() => server.close());
  const asset = await uploadPicture(services[0]!.url);
  return { broker, services, sources: { url: server.url, asset } };
}

async function openServices(options: {
  readonly broker: ChaosBroker;
  readonly env: NodeJS.ProcessEnv;
  readonly gateways: 1 | 2;
}): Promise<Service[]> {
  const { broker, env, gateways } = options;
  const apps = [...Array.from({ length: gateways }, () => 'gateway' as const), ...workers];
  const ports = await freePorts(apps.length);
  return Promise.all(
    apps.map(async (app, at) => {
      const network = await ChaosProxy.open(broker.port);
      return new Service(serviceOptions({ app, number: at + 1, port: ports[at]!, network, env, broker }));
    }),
  );
}

function serviceOptions(facts: {
  readonly app: ServiceOptions['app'];
  readonly number: number;
  readonly port: number;
  readonly network: ChaosProxy;
  readonly env: NodeJS.ProcessEnv;
  readonly broker: ChaosBroker;
}): ServiceOptions {
  const { app, number, port, network, env, broker } = facts;
  const url = new URL(broker.url);
  url.port = String(network.port);
  return { name: `${app}-${number}`, app, port, network, env: { ...env, BROKER_URL: url.href } };
}

async function endAll(services: readonly Service[]): Promise<void> {
  await Promise.all(
    services.map(async (one) => {
      await one.kill();
      await one.network.close();
    }),
  );
}

async function uploadPicture(gateway: string): Promise<string> {
  const body = await readFile(await smallPicture());
  const response = await fetch(`${gateway}/v1/assets`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg' },
    body,
  });
  if (response.status !== 201) throw new Error(`the picture was not taken: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

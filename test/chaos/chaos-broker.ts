import {
  type NatsServer,
  type RabbitmqServer,
  startNats,
  startRabbitmq,
  type TestServer,
} from '@heavylift/test-servers';
import type { Broker } from '../support/system.js';

export type RealBroker = Exclude<Broker, 'embedded'>;

/** A broker that belongs to one run of the chaos alone. */
export interface ChaosBroker {
  readonly kind: RealBroker;
  /** Straight to it, around every proxy. */
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** How many messages it holds where, but for dead letters, events that all readers have read, and signals. */
  left(): Promise<Readonly<Record<string, number>>>;
  /** What its operator can do, where there is such a thing. */
  readonly operator?: {
    closeConnections(): Promise<void>;
    /** As when memory runs out: who publishes is made to wait. */
    setMemoryAlarm(on: boolean): Promise<void>;
  };
}

export async function startBroker(kind: RealBroker): Promise<ChaosBroker> {
  return kind === 'rabbitmq' ? rabbitmqBroker(await startRabbitmq()) : natsBroker(await startNats());
}

function rabbitmqBroker(server: RabbitmqServer): ChaosBroker {
  return {
    kind: 'rabbitmq',
    ...lifeOf(server),
    left: () => leftInRabbitmq(server.managementUrl),
    operator: {
      closeConnections: async () => void (await server.ctl('close_all_connections', 'maintenance')),
      setMemoryAlarm: async (on) => void (await server.ctl('set_vm_memory_high_watermark', on ? '0' : '0.4')),
    },
  };
}

function natsBroker(server: NatsServer): ChaosBroker {
  const life = lifeOf(server);
  let wasKilled = false;
  return {
    kind: 'nats',
    ...life,
    kill: () => {
      wasKilled = true;
      return life.kill();
    },
    left: () => leftInNats(server.monitorUrl, { wasKilled }),
  };
}

function lifeOf(server: TestServer): Pick<ChaosBroker, 'url' | 'port' | 'kill' | 'start' | 'stop'> {
  return {
    url: server.url,
    port: Number(new URL(server.url).port),
    kill: () => server.kill(),
    start: () => server.start(),
    stop: () => server.stop(),
  };
}

const signalQueues = 'heavylift.control.';

async function leftInRabbitmq(managementUrl: string): Promise<Record<string, number>> {
  const { username, password, origin } = new URL(managementUrl);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const response = await fetch(`${origin}/api/queues`, { headers: { authorization } });
  const queues = (await response.json()) as { name: string; messages?: number }[];
  // Workers say every five seconds that they are there, and the broker counts as often: it may meet a word on its way each time.
  const counted = queues.filter(({ name }) => !name.endsWith('.dead') && !name.startsWith(signalQueues));
  // A queue that is too young to be counted has no number; then the answer is "not empty".
  return nonZero(counted.map(({ name, messages }) => [name, messages ?? 1]));
}

const jobStreams = ['HEAVYLIFT_JOBS', 'HEAVYLIFT_RETRY'];

interface Stream {
  readonly name: string;
  readonly state: { readonly messages: number };
  readonly consumer_detail?: readonly {
    readonly name: string;
    readonly num_pending: number;
    readonly num_ack_pending: number;
  }[];
}

/**
 * Events stay for other readers, so of those it is the readers that count. Jobs leave their stream once they are settled; but a server of 2.9 that was
 * killed may keep for ever what its readers have settled, hands it to nobody, and counts some of it as waiting: then only what is in hand can tell.
 */
async function leftInNats(
  monitorUrl: string,
  { wasKilled }: { readonly wasKilled: boolean },
): Promise<Record<string, number>> {
  const response = await fetch(`${monitorUrl}/jsz?consumers=true`);
  const { account_details: accounts = [] } = (await response.json()) as {
    account_details?: { stream_detail?: Stream[] }[];
  };
  const streams = accounts.flatMap((account) => account.stream_detail ?? []);
  const jobs = streams.filter(({ name }) => jobStreams.includes(name));
  const readers = streams.flatMap(({ consumer_detail: details = [] }) => details);
  const stored = [
    ...jobs.map(({ name, state }) => [name, state.messages] as const),
    ...readers.map((one) => [`${one.name}, waiting`, one.num_pending] as const),
  ];
  const inHand = readers.map((one) => [`${one.name}, in hand`, one.num_ack_pending] as const);
  return nonZero(wasKilled ? inHand : [...stored, ...inHand]);
}

function nonZero(counts: readonly (readonly [string, number])[]): Record<string, number> {
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverFolder } from './folders.ts';
import { freePorts } from './free-ports.ts';
import { LocalProcess } from './local-process.ts';
import { firstAnswer } from './probe.ts';
import { provide } from './provide.ts';
import { environment, epmd, nodeName, type NodePorts, speaksAmqp } from './rabbitmq-node.ts';
import { run } from './run.ts';
import {
  nodeNamed,
  nodeOf,
  type OwnedNode,
  startTogether,
  stopAll,
  type TestCluster,
} from './test-cluster.ts';

/** Settings of a RabbitMQ cluster. */
export interface RabbitmqClusterOptions {
  /** More lines for the rabbitmq.conf of each node, as `net_ticktime = 15`. */
  readonly config?: readonly string[];
}

interface RabbitmqNode extends OwnedNode {
  /** `rabbitmqctl` on this node. */
  ctl(...args: readonly string[]): Promise<string>;
}

interface Queue {
  readonly name: string;
  readonly durable: boolean;
  readonly leader: string;
  readonly online: readonly string[];
}

interface NodeSettings {
  readonly sbin: string;
  readonly all: readonly NodePorts[];
  readonly config: readonly string[];
}

const SIZE = 3;
const COOKIE = 'heavylift-tests';
/** Asks the port mapper for all names; it answers with its own port first. */
const EPMD_NAMES = Buffer.from([0, 1, 110]);

/**
 * Starts three RabbitMQ nodes as one cluster, in about 20 seconds; user and password are `guest`. RabbitMQ must be installed: Docker does not serve here. Let a quorum queue be
 * two seconds old before its node is killed, as with a single one.
 */
export async function startRabbitmqCluster(options: RabbitmqClusterOptions = {}): Promise<TestCluster> {
  const { rabbitmq: sbin } = await provide(['rabbitmq']);
  if (sbin.from !== 'files')
    throw new Error('a RabbitMQ cluster needs RabbitMQ here: install rabbitmq-server');
  const ports = await clusterPorts();
  const settings = { sbin: sbin.path, all: ports, config: options.config ?? [] };
  const mapper = await portMapper(ports);
  const nodes = await Promise.all(ports.map((own) => clusterNode(own, settings)));
  const stop = async (): Promise<void> => {
    await stopAll(nodes);
    await mapper.stop();
  };
  await startTogether(nodes).catch(async (error: unknown) => {
    await mapper.stop();
    throw error;
  });
  return {
    url: `amqp://guest:guest@${ports.map(({ amqp }) => `127.0.0.1:${amqp}`).join(',')}`,
    nodes,
    leaderOf: async (queue) => {
      const leader = (await durableQueues(nodes)).find(({ name }) => name === queue)?.leader;
      return nodeNamed(nodes, leader);
    },
    copies: async () =>
      Object.fromEntries((await durableQueues(nodes)).map(({ name, online }) => [name, online.length])),
    stop,
  };
}

async function clusterPorts(): Promise<readonly NodePorts[]> {
  const [mapper = 0, ...ports] = await freePorts(1 + 2 * SIZE);
  return Array.from({ length: SIZE }, (_, index) => {
    const [amqp = 0, distribution = 0] = ports.slice(2 * index);
    return { amqp, distribution, epmd: mapper };
  });
}

/** One for all nodes, and no node's own: it must outlive each. */
async function portMapper(ports: readonly NodePorts[]): Promise<LocalProcess> {
  const port = ports[0]!.epmd;
  const mapper = new LocalProcess({
    name: 'epmd',
    folder: await serverFolder('epmd'),
    command: [epmd(), '-address', '127.0.0.1', '-port', String(port)],
    ready: async () => (await firstAnswer(port, EPMD_NAMES)).readUInt32BE(0) === port,
  });
  await mapper.start();
  return mapper;
}

async function clusterNode(ports: NodePorts, settings: NodeSettings): Promise<RabbitmqNode> {
  const folder = await serverFolder('rabbitmq');
  await writeSettings(folder, ports, settings);
  const env = environment(folder, ports);
  const name = nodeName(ports);
  const server = new LocalProcess({
    name: `rabbitmq ${name}`,
    folder,
    command: [join(settings.sbin, 'rabbitmq-server')],
    env,
    ready: () => speaksAmqp(ports.amqp),
  });
  return {
    ...nodeOf(name, server),
    ctl: (...args) =>
      run(join(settings.sbin, 'rabbitmqctl'), ['-q', '-n', name, ...args], { env, cwd: folder }),
  };
}

async function writeSettings(folder: string, ports: NodePorts, settings: NodeSettings): Promise<void> {
  const lines = [
    `listeners.tcp.default = 127.0.0.1:${ports.amqp}`,
    'disk_free_limit.absolute = 100MB',
    'cluster_partition_handling = pause_minority',
    'cluster_formation.peer_discovery_backend = classic_config',
    ...settings.all.map((each, i) => `cluster_formation.classic_config.nodes.${i + 1} = ${nodeName(each)}`),
    ...settings.config,
    '',
  ];
  await writeFile(join(folder, 'rabbitmq.conf'), lines.join('\n'));
  await writeFile(join(folder, 'env.conf'), '');
  await writeFile(join(folder, 'enabled_plugins'), '[].\n');
  await writeFile(join(folder, '.erlang.cookie'), COOKIE, { mode: 0o400 });
}

/** As the first node says that runs. */
async function durableQueues(nodes: readonly RabbitmqNode[]): Promise<readonly Queue[]> {
  for (const node of nodes) {
    if (!node.isRunning()) continue;
    const listed = await node.ctl(
      'list_queues',
      'name',
      'durable',
      'leader',
      'online',
      '--formatter',
      'json',
    );
    return (JSON.parse(listed) as Queue[]).filter(({ durable }) => durable);
  }
  throw new Error('no node of the cluster runs');
}

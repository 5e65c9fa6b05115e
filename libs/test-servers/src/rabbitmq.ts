import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DockerContainer } from './docker-container.ts';
import { serverFolder } from './folders.ts';
import { freePorts } from './free-ports.ts';
import { LocalProcess } from './local-process.ts';
import { answersOk } from './probe.ts';
import { provide } from './provide.ts';
import { epmd, environment, nodeName, type NodePorts, speaksAmqp } from './rabbitmq-node.ts';
import { run } from './run.ts';
import { callsOf, type TestServer } from './test-server.ts';

/**
 * A RabbitMQ of one node with its management plugin; user and password are `guest`. Let a quorum queue be two seconds
 * old before `kill`: RabbitMQ loses a younger one (measured on 3.10: dead at 0.9 s, safe at 1.5 s).
 */
export interface RabbitmqServer extends TestServer {
  /** Management UI and HTTP API, with the password in it: `http://guest:guest@127.0.0.1:PORT`. */
  readonly managementUrl: string;
  /** Runs `rabbitmqctl` on this node (about a second) and returns what it prints. */
  ctl(...args: readonly string[]): Promise<string>;
}

/** Settings of one RabbitMQ. */
export interface RabbitmqOptions {
  /** More lines for its rabbitmq.conf, as `consumer_timeout = 15000`. */
  readonly config?: readonly string[];
}

interface Ports extends NodePorts {
  readonly management: number;
}

const BASIC_GUEST = `Basic ${Buffer.from('guest:guest').toString('base64')}`;
const IMAGE = 'rabbitmq:3-management';

/** Starts a RabbitMQ of its own: free loopback ports, own data, own port mapper. Takes about six seconds. */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<RabbitmqServer> {
  const { rabbitmq } = await provide(['rabbitmq']);
  const ports = await rabbitmqPorts();
  const config = options.config ?? [];
  return rabbitmq.from === 'docker' ? startInDocker(ports, config) : startHere(rabbitmq.path, ports, config);
}

async function startHere(sbin: string, ports: Ports, config: readonly string[]): Promise<RabbitmqServer> {
  const folder = await serverFolder('rabbitmq');
  await writeSettings(folder, ports, config);
  const env = environment(folder, ports);
  const server = new LocalProcess({
    name: 'rabbitmq',
    folder,
    // The port mapper shares the server's process group, so that it lives and dies with it.
    command: ['sh', '-c', '"$1" -address 127.0.0.1 & exec "$2"', 'sh', epmd(), join(sbin, 'rabbitmq-server')],
    env,
    ready: () => isReady(ports),
  });
  await server.start();
  const ctl = (...args: readonly string[]): Promise<string> =>
    run(join(sbin, 'rabbitmqctl'), ['-q', '-n', nodeName(ports), ...args], { env, cwd: folder });
  return { ...urls(ports), ...callsOf(server), ctl };
}

async function startInDocker(ports: Ports, config: readonly string[]): Promise<RabbitmqServer> {
  const folder = await serverFolder('rabbitmq-settings');
  const file = join(folder, 'test.conf');
  await writeFile(file, [...config, ''].join('\n'));
  const server = new DockerContainer({
    name: 'rabbitmq',
    image: IMAGE,
    ports: { 5672: ports.amqp, 15672: ports.management },
    files: { '/etc/rabbitmq/conf.d/90-test.conf': file },
    ready: () => isReady(ports),
  });
  await server.start();
  await rm(folder, { recursive: true });
  return { ...urls(ports), ...callsOf(server), ctl: (...args) => server.exec('rabbitmqctl', '-q', ...args) };
}

async function writeSettings(folder: string, ports: Ports, config: readonly string[]): Promise<void> {
  const lines = [
    `listeners.tcp.default = 127.0.0.1:${ports.amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${ports.management}`,
    'disk_free_limit.absolute = 100MB',
    ...config,
    '',
  ];
  await writeFile(join(folder, 'rabbitmq.conf'), lines.join('\n'));
  await writeFile(join(folder, 'env.conf'), '');
  await writeFile(join(folder, 'enabled_plugins'), '[rabbitmq_management].\n');
}

async function isReady(ports: Ports): Promise<boolean> {
  if (!(await speaksAmqp(ports.amqp))) return false;
  return answersOk(`http://127.0.0.1:${ports.management}/api/overview`, { authorization: BASIC_GUEST });
}

async function rabbitmqPorts(): Promise<Ports> {
  const [amqp = 0, management = 0, distribution = 0, epmd = 0] = await freePorts(4);
  return { amqp, management, distribution, epmd };
}

function urls(ports: Ports): { url: string; managementUrl: string } {
  return {
    url: `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
    managementUrl: `http://guest:guest@127.0.0.1:${ports.management}`,
  };
}

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DockerContainer } from './docker-container.ts';
import { serverFolder } from './folders.ts';
import { freePorts } from './free-ports.ts';
import { LocalProcess } from './local-process.ts';
import { answersOk } from './probe.ts';
import { provide } from './provide.ts';
import { callsOf, type ServerLife, type TestServer } from './test-server.ts';

/** A nats-server of one node with JetStream. */
export interface NatsServer extends TestServer {
  /** Monitoring over HTTP: `/varz`, `/jsz`, `/connz`. */
  readonly monitorUrl: string;
  /** Has it read its configuration file anew, with these lines added and those of an earlier call gone. */
  configure(...lines: readonly string[]): Promise<void>;
}

/** Settings of one nats-server. */
export interface NatsOptions {
  /** More lines for the `jetstream` part of its configuration file, as `max_file_store: 8MB`. */
  readonly jetstream?: readonly string[];
}

interface Ports {
  readonly client: number;
  readonly monitor: number;
}

const IMAGE = 'nats:2';

/** Starts a nats-server of its own with JetStream on disk: free loopback ports, own data. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const { nats } = await provide(['nats']);
  const [client = 0, monitor = 0] = await freePorts(2);
  const ports = { client, monitor };
  const jetstream = options.jetstream ?? [];
  const life =
    nats.from === 'docker' ? await inDocker(ports, jetstream) : await here(nats.path, ports, jetstream);
  await life.start();
  const { configure } = life;
  return { url: `nats://127.0.0.1:${client}`, monitorUrl: monitorUrl(ports), ...callsOf(life), configure };
}

type Life = ServerLife & Pick<NatsServer, 'configure'>;

async function here(file: string, ports: Ports, jetstream: readonly string[]): Promise<Life> {
  const folder = await serverFolder('nats');
  const path = join(folder, 'nats.conf');
  // In the file, not as flags: a server does not read its file anew when that takes a flag back.
  const always = [
    'host: 127.0.0.1',
    `port: ${ports.client}`,
    `http_port: ${ports.monitor}`,
    `server_name: heavylift-${ports.client}`,
    ...jetstreamIn(join(folder, 'jetstream'), jetstream),
  ];
  await writeLines(path, always);
  const life = new LocalProcess({
    name: 'nats',
    folder,
    command: [file, '-c', path],
    ready: () => isReady(ports),
  });
  return {
    ...callsOf(life),
    configure: async (...lines) => {
      await writeLines(path, [...always, ...lines]);
      life.signal('SIGHUP');
    },
  };
}

async function inDocker(ports: Ports, jetstream: readonly string[]): Promise<Life> {
  const inside = '/heavylift.conf';
  const folder = await serverFolder('nats-settings');
  const path = join(folder, 'nats.conf');
  const always = ['http_port: 8222', ...jetstreamIn('/data', jetstream)];
  await writeLines(path, always);
  const life = new DockerContainer({
    name: 'nats',
    image: IMAGE,
    ports: { 4222: ports.client, 8222: ports.monitor },
    args: ['-c', inside],
    files: { [inside]: path },
    ready: () => isReady(ports),
  });
  const { stop, ...calls } = callsOf(life);
  return {
    ...calls,
    stop: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
    configure: async (...lines) => {
      await writeLines(path, [...always, ...lines]);
      await life.put(path, inside);
      await life.exec('nats-server', '--signal', 'reload=1');
    },
  };
}

function jetstreamIn(folder: string, lines: readonly string[]): readonly string[] {
  return ['jetstream {', `store_dir: "${folder}"`, ...lines, '}'];
}

function writeLines(path: string, lines: readonly string[]): Promise<void> {
  return writeFile(path, [...lines, ''].join('\n'));
}

function isReady(ports: Ports): Promise<boolean> {
  return answersOk(`${monitorUrl(ports)}/healthz`);
}

function monitorUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.monitor}`;
}

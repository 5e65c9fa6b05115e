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
}

interface Ports {
  readonly client: number;
  readonly monitor: number;
}

const IMAGE = 'nats:2';

/** Starts a nats-server of its own with JetStream on disk: free loopback ports, own data. */
export async function startNats(): Promise<NatsServer> {
  const { nats } = await provide(['nats']);
  const [client = 0, monitor = 0] = await freePorts(2);
  const ports = { client, monitor };
  const life = nats.from === 'docker' ? inDocker(ports) : await here(nats.path, ports);
  await life.start();
  return { url: `nats://127.0.0.1:${client}`, monitorUrl: monitorUrl(ports), ...callsOf(life) };
}

async function here(file: string, ports: Ports): Promise<ServerLife> {
  const folder = await serverFolder('nats');
  const address = ['-a', '127.0.0.1', '-p', String(ports.client), '-m', String(ports.monitor)];
  return new LocalProcess({
    name: 'nats',
    folder,
    command: [file, ...address, '-js', '-sd', join(folder, 'jetstream'), '-n', `heavylift-${ports.client}`],
    ready: () => isReady(ports),
  });
}

function inDocker(ports: Ports): ServerLife {
  return new DockerContainer({
    name: 'nats',
    image: IMAGE,
    ports: { 4222: ports.client, 8222: ports.monitor },
    args: ['-js', '-sd', '/data', '-m', '8222'],
    ready: () => isReady(ports),
  });
}

function isReady(ports: Ports): Promise<boolean> {
  return answersOk(`${monitorUrl(ports)}/healthz`);
}

function monitorUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.monitor}`;
}

import { join } from 'node:path';
import { DockerContainer } from './docker-container.ts';
import { serverFolder, unprivilegedUser } from './folders.ts';
import { freePorts } from './free-ports.ts';
import { LocalProcess } from './local-process.ts';
import { firstAnswer } from './probe.ts';
import { provide } from './provide.ts';
import { run } from './run.ts';
import { callsOf, type ServerLife, type TestServer } from './test-server.ts';

/** A PostgreSQL with the superuser `heavylift` (no password) and the empty database `postgres`. */
export type PostgresServer = TestServer;

/** Settings of one PostgreSQL. */
export interface PostgresOptions {
  /** Whether a commit waits for the disk, as it does by default in production; here only where that is to be measured. */
  readonly fsync?: boolean;
}

const IMAGE = 'postgres:15';
const USER = 'heavylift';

// Without fsync it is safe here and quicker: a killed process loses nothing that it wrote, only a power cut would.
function settingsOf({ fsync = false }: PostgresOptions): readonly string[] {
  return ['-c', `fsync=${fsync ? 'on' : 'off'}`, '-c', 'max_connections=200'];
}

/** Starts a PostgreSQL of its own: a free loopback port, own data, as an unprivileged user when we are root. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { postgres } = await provide(['postgres']);
  const [port = 0] = await freePorts(1);
  const settings = settingsOf(options);
  const life =
    postgres.from === 'docker' ? inDocker(port, settings) : await here(postgres.path, port, settings);
  await life.start();
  return { url: `postgres://${USER}@127.0.0.1:${port}/postgres`, ...callsOf(life) };
}

async function here(bin: string, port: number, settings: readonly string[]): Promise<ServerLife> {
  const user = await unprivilegedUser('postgres');
  const folder = await serverFolder('postgres', user);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-A', 'trust', '-U', USER, '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  await run(join(bin, 'initdb'), initdb, { cwd: folder, ...user });
  const address = ['-h', '127.0.0.1', '-p', String(port), '-c', 'unix_socket_directories='];
  return new LocalProcess({
    name: 'postgres',
    folder,
    command: [join(bin, 'postgres'), '-D', data, ...address, ...settings],
    ...(user && { user }),
    politeSignal: 'SIGINT', // "fast": SIGTERM would wait until the last client has gone by itself.
    ready: () => isReady(port),
  });
}

function inDocker(port: number, settings: readonly string[]): ServerLife {
  return new DockerContainer({
    name: 'postgres',
    image: IMAGE,
    ports: { 5432: port },
    env: { POSTGRES_USER: USER, POSTGRES_DB: 'postgres', POSTGRES_HOST_AUTH_METHOD: 'trust' },
    args: settings,
    ready: () => isReady(port),
  });
}

/** Logs in: the server answers R when it lets us in, E while it still recovers. */
async function isReady(port: number): Promise<boolean> {
  const answer = await firstAnswer(port, login());
  return answer.toString('latin1', 0, 1) === 'R';
}

function login(): Buffer {
  const body = Buffer.from(`\0\x03\0\0user\0${USER}\0database\0postgres\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + length.length);
  return Buffer.concat([length, body]);
}

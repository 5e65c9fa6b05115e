import { DockerContainer } from './docker-container.ts';
import { serverFolder } from './folders.ts';
import { freePorts } from './free-ports.ts';
import { LocalProcess } from './local-process.ts';
import { firstAnswer } from './probe.ts';
import { provide } from './provide.ts';
import { callsOf, type ServerLife, type TestServer } from './test-server.ts';

const IMAGE = 'redis:7';

/** As the job queues on Redis advise: each write to the log, the log to the disk once a second, and nothing is evicted. */
const SETTINGS = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];

/** Starts a Redis of its own that keeps what it holds: a free loopback port, own data. */
export async function startRedis(): Promise<TestServer> {
  const { redis } = await provide(['redis']);
  const [port = 0] = await freePorts(1);
  const life = redis.from === 'docker' ? inDocker(port) : await here(redis.path, port);
  await life.start();
  return { url: `redis://127.0.0.1:${port}`, ...callsOf(life) };
}

async function here(file: string, port: number): Promise<ServerLife> {
  const folder = await serverFolder('redis');
  const address = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  return new LocalProcess({
    name: 'redis',
    folder,
    command: [file, ...address, ...SETTINGS],
    ready: () => isReady(port),
  });
}

function inDocker(port: number): ServerLife {
  return new DockerContainer({
    name: 'redis',
    image: IMAGE,
    ports: { 6379: port },
    args: SETTINGS,
    ready: () => isReady(port),
  });
}

/** While it still reads its log, the answer is an error. */
async function isReady(port: number): Promise<boolean> {
  const answer = await firstAnswer(port, Buffer.from('PING\r\n'));
  return answer.toString('latin1').startsWith('+PONG');
}

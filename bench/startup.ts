import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../libs/test-servers/src/index.ts';
import { mainOf, mediaSettings } from './harness/media-system.ts';
import { Program } from './harness/program.ts';
import { type Contestant, type Figures, milliseconds, type Scenario } from './harness/scenario.ts';
import type { Stage } from './harness/stage.ts';

const root = join(import.meta.dirname, '..');
const patienceMs = 60_000;

export const scenario: Scenario = {
  about:
    'From the start of a process until the gateway answers its first request, and until a worker begins a job that waits for it; `npm start` has everything in one process, and looks first whether it has to build.',
  measures: {
    'gateway answers': milliseconds,
    'worker begins': milliseconds,
    'npm start answers': milliseconds,
  },
  open: async (stage) => [await heavylift(stage)],
};

async function heavylift(stage: Stage): Promise<Contestant> {
  const settings = await mediaSettings(stage);
  return {
    name: 'heavylift',
    round: () => (stage.broker === 'embedded' ? together(settings) : apart(settings)),
    close: async () => {},
  };
}

async function apart(settings: NodeJS.ProcessEnv): Promise<Figures> {
  const gateway = await untilAnswers(process.execPath, [mainOf('gateway')], settings);
  try {
    const payload = { prompt: 'a fox', seed: 7, width: 64, height: 64 };
    const id = await post(gateway.url, payload);
    const began = Date.now();
    const worker = await Program.start(mainOf('image-worker'), settings);
    const startedAt = await untilStarted(gateway.url, id).finally(() => worker.end('SIGTERM'));
    return { 'gateway answers': gateway.ms, 'worker begins': startedAt - began };
  } finally {
    await end(gateway.child);
  }
}

/** `npm start` finds all built: `npm run bench` builds before. */
async function together(settings: NodeJS.ProcessEnv): Promise<Figures> {
  const plain = await untilAnswers(process.execPath, [mainOf('standalone')], settings);
  await end(plain.child);
  const npm = await untilAnswers('npm', ['start'], settings);
  await end(npm.child);
  return { 'gateway answers': plain.ms, 'npm start answers': npm.ms };
}

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ms: number;
}

async function untilAnswers(
  command: string,
  args: readonly string[],
  settings: NodeJS.ProcessEnv,
): Promise<Started> {
  const [port = 0] = await freePorts(1);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...settings, PORT: String(port) };
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  // In a group of its own: npm does not hand on signals to what it has started in time.
  const child = spawn(command, args, { cwd: root, env, detached: true, stdio: 'ignore' });
  // Of a group of its own, nobody else would end it when this process is ended.
  const kill = (): void => void process.kill(-child.pid!, 'SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  while (performance.now() - began < patienceMs && child.exitCode === null) {
    if (await answers(`${url}/health/live`)) return { child, url, ms: performance.now() - began };
    await sleep(2);
  }
  await end(child);
  throw new Error(`${command} ${args.join(' ')} does not answer`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid!, 'SIGTERM');
  await exited;
}

async function post(url: string, payload: object): Promise<string> {
  const response = await fetch(`${url}/v1/images/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(payload),
  });
  return ((await response.json()) as { readonly id: string }).id;
}

/** When the job's handler began, in milliseconds since 1970. */
async function untilStarted(url: string, id: string): Promise<number> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const job = (await (await fetch(`${url}/v1/jobs/${id}`)).json()) as { readonly startedAt: string | null };
    if (job.startedAt !== null) return Date.parse(job.startedAt);
    await sleep(20);
  }
  throw new Error(`job ${id} was not begun within ${patienceMs} ms`);
}

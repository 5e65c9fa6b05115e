import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const limitMs = 120_000;

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'heavylift-npm-start-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a supervisor starts and ends: npm, by its script; the build is there already. */
function npmStart(): ChildProcess {
  const env = {
    DATABASE_URL: `sqlite:${folder}/heavylift.db`,
    STORAGE_URL: `file:${folder}/files`,
    PORT: '0',
  };
  const args = ['run', '--silent', '--ignore-scripts', 'start'];
  return spawn('npm', args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
}

/** What outlives npm would keep this test from ending. */
function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  for await (const line of createInterface(stdout!)) {
    const address = /Heavylift is ready: open (http:[^"]+)"/.exec(line)?.[1];
    if (address) return address;
  }
  throw new Error('npm start ended before it was ready');
}

describe('npm start', () => {
  let npm: ChildProcess;
  beforeAll(() => void (npm = npmStart()));
  afterAll(() => killGroup(npm));

  it(
    'ends what it started when it is told to end',
    async () => {
      const exited = once(npm, 'exit');
      const address = await addressOf(npm);
      expect((await fetch(`${address}/health/live`)).status).toBe(200);
      npm.stdout!.resume();
      npm.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      await expect(fetch(`${address}/health/live`)).rejects.toThrow('fetch failed');
    },
    limitMs,
  );
});

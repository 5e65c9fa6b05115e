import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { access } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { waitUntil } from './deadline.ts';
import { freePorts } from './free-ports.ts';
import { findProgram, onPath } from './programs.ts';
import { provide } from './provide.ts';
import { sharedNatsUrl } from './shared.ts';

describe('test servers', () => {
  it('end with the process that started them, even when it is killed', async () => {
    const index = new URL('index.ts', import.meta.url).href;
    const program = `const { startNats } = await import('${index}');
      console.log((await startNats()).url); setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(owner.stdout, 'data', { signal: AbortSignal.timeout(20_000) })) as [Buffer];
    const port = Number(new URL(line.toString().trim()).port);
    expect(await isOpen(port)).toBe(true);
    owner.kill('SIGKILL');
    await waitUntil('the end of the orphan', async () => !(await isOpen(port)), { timeoutMs: 30_000 });
  });

  it('share one server per process, or the one that the environment names', async () => {
    const url = await sharedNatsUrl();
    expect(await sharedNatsUrl()).toBe(url);
    expect(url).toBe(process.env['TEST_NATS_URL'] ?? url);
    expect(await isOpen(Number(new URL(url).port))).toBe(true);
  });

  it('get ports that are free and differ', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) expect(await isOpen(port)).toBe(false);
  });

  it('find each program where it is installed', async () => {
    const found = await provide(['nats', 'postgres', 'ffmpeg']);
    for (const provision of Object.values(found)) {
      if (provision.from === 'files') await access(provision.path);
    }
    expect(findProgram('ffmpeg')).toBeDefined();
    expect(onPath('no-such-program')).toBeUndefined();
  });
});

describe('waiting', () => {
  it('ends with the last error as the cause', async () => {
    const ask = (): Promise<boolean> => Promise.reject(new Error('not there'));
    const wait = waitUntil('the impossible', ask, { timeoutMs: 30, everyMs: 5 });
    await expect(wait).rejects.toMatchObject({
      message: 'the impossible: not within 30 ms',
      cause: expect.objectContaining({ message: 'not there' }),
    });
  });
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { findChildGuard } from './child-guard.js';
import { outputOf, ProgramFailedError, runProgram } from './child-process.js';
import { until } from './until.fixtures.js';

const execute = promisify(execFile);

/** A shell that starts a child of its own, says both process ids, and ignores SIGTERM if told so. */
const family = (trap: string): readonly string[] => [
  '-c',
  `${trap} sleep 60 & echo $!; echo $$; while true; do wait; sleep 0.05; done`,
];

/** A zombie that nobody has waited for yet is as dead as one that has gone. */
async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await execute('ps', ['-eo', 'pid=,stat=']);
  const [, state] = new RegExp(`^ *${pid} +(\\S)`, 'm').exec(stdout) ?? [];
  return state !== undefined && state !== 'Z';
}

async function areGone(pids: readonly number[]): Promise<boolean> {
  return !(await Promise.all(pids.map(isAlive))).includes(true);
}

async function abortFamily(trap: string): Promise<readonly number[]> {
  const abort = new AbortController();
  const pids: number[] = [];
  const onLine = (line: string): void => {
    if (pids.push(Number(line)) === 2) abort.abort(new Error('enough'));
  };
  const run = runProgram({ program: 'sh', args: family(trap), signal: abort.signal, onLine });
  await expect(run).rejects.toThrow('enough');
  return pids;
}

describe('runProgram', () => {
  it('hands over the lines of stdout and the end of stderr', async () => {
    const lines: string[] = [];
    const args = ['-c', 'echo one; echo two; echo oops >&2'];
    const stderr = await runProgram({ program: 'sh', args, onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['one', 'two']);
    expect(stderr).toBe('oops');
  });

  it('keeps only the end of a long stderr', async () => {
    const args = ['-c', 'i=0; while [ $i -lt 3000 ]; do echo "line $i" >&2; i=$((i+1)); done'];
    const stderr = await runProgram({ program: 'sh', args });
    expect(stderr.length).toBeLessThanOrEqual(8_192);
    expect(stderr).toMatch(/line 2999$/);
  });

  it('tells how a program failed', async () => {
    const run = runProgram({ program: 'sh', args: ['-c', 'echo no >&2; exit 3'] });
    await expect(run).rejects.toMatchObject({
      exitCode: 3,
      stderr: 'no',
      message: 'sh ended with exit code 3',
    });
  });

  it('tells when a program is not there', async () => {
    const run = runProgram({ program: '/nowhere/program', args: [] });
    await expect(run).rejects.toThrow(ProgramFailedError);
    await expect(run).rejects.toThrow('program could not be started');
  });

  it('gives the child no stdin and no environment with secrets', async () => {
    process.env['SPEC_SECRET'] = 'hush';
    const text = await outputOf({ program: 'sh', args: ['-c', 'cat; env'] });
    delete process.env['SPEC_SECRET'];
    expect(text).toContain('PATH=');
    expect(text).not.toContain('hush');
  });

  it('does not start with a signal that is aborted', async () => {
    const run = runProgram({ program: 'sh', args: [], signal: AbortSignal.abort(new Error('too late')) });
    await expect(run).rejects.toThrow('too late');
  });

  it.each([
    ['ends', ''],
    ['kills by force', 'trap "" TERM;'],
  ])('%s the program and its children on abort', async (_, trap) => {
    const pids = await abortFamily(trap);
    expect(pids).toHaveLength(2);
    await until(() => areGone(pids), 10_000);
  });
});

describe('findChildGuard', () => {
  it('sets limits, and says what this machine lacks', async () => {
    const { prefix, missing } = await findChildGuard();
    const limits = await outputOf({ prefix, program: 'sh', args: ['-c', 'ulimit -c; ulimit -v; nice'] });
    const [core, addressSpace, niceness] = limits.split('\n');
    expect(missing.includes('limits') || (core === '0' && Number(addressSpace) > 0)).toBe(true);
    expect(missing.includes('priority') || Number(niceness) > 0).toBe(true);
  });

  it('lets no child outlive a worker that is killed', async () => {
    const { prefix, missing } = await findChildGuard();
    expect(missing).not.toContain('parent death');
    const worker = spawnWorker([...prefix, 'sleep', '60']);
    const [line] = (await once(worker.stdout!, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(await isAlive(pid)).toBe(true);
    worker.kill('SIGKILL');
    await until(() => areGone([pid]), 30_000);
  });
});

/** A Node process that starts a child in a group of its own and says its process id. */
function spawnWorker([program = '', ...args]: readonly string[]): ChildProcess {
  const code = `
    const { spawn } = require('node:child_process');
    const [program, ...args] = process.argv.slice(1);
    console.log(spawn(program, args, { detached: true, stdio: 'ignore' }).pid);
  `;
  return spawn(process.execPath, ['-e', code, '--', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

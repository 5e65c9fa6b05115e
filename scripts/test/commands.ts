import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();

/** Runs a command and throws with its whole output when it fails; says nothing when it does not. */
export async function runQuietly(command: string, args: readonly string[]): Promise<void> {
  const child = start(command, args, ['ignore', 'pipe', 'pipe']);
  const output: Buffer[] = [];
  child.stdout?.on('data', (bytes: Buffer) => output.push(bytes));
  child.stderr?.on('data', (bytes: Buffer) => output.push(bytes));
  const code = await exitCode(child);
  if (code !== 0)
    throw new Error(`${command} ${args.join(' ')} failed:\n${Buffer.concat(output).toString().trim()}`);
}

/** Runs a command on this terminal, without input, and returns its exit code (1 when a signal ended it). */
export function runVisibly(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  return exitCode(start(command, args, ['ignore', 'inherit', 'inherit'], env));
}

/** Ends whatever still runs. */
export async function endCommands(): Promise<void> {
  const ends = [...running].map((child) => once(child, 'close'));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(ends);
}

function start(
  command: string,
  args: readonly string[],
  stdio: StdioOptions,
  env = process.env,
): ChildProcess {
  const child = spawn(command, args, { stdio, env });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

async function exitCode(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

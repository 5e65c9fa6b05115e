import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long a program may take to end by itself after SIGTERM. What it wrote is not wanted any more, so it need not finish that. */
const termGraceMs = 500;
/** How much of what it says on stderr is kept: the end, where the reason is. */
const keptStderr = 8 * 1_024;

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  /** Programs that put limits on the child and then become it, like `nice -n 10`. Default: none. */
  readonly prefix?: readonly string[];
  /** Ends the program, and all that it started, within 2 s. */
  readonly signal?: AbortSignal;
  /** Gets each line of stdout; it must not throw. */
  readonly onLine?: (line: string) => void;
  /** Gets each line of stderr; it must not throw. */
  readonly onComplaint?: (line: string) => void;
}

/** The program could not be started, or ended otherwise than with exit code 0. */
export class ProgramFailedError extends Error {
  override readonly name = 'ProgramFailedError';
  /** Undefined when a signal ended it, or it never started. */
  readonly exitCode: number | undefined;
  /** Like `SIGKILL`, when one ended it. */
  readonly exitSignal: NodeJS.Signals | undefined;
  /** The end of what it said. */
  readonly stderr: string;

  constructor(message: string, end: Partial<ProgramEnd>, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = end.code ?? undefined;
    this.exitSignal = end.signal ?? undefined;
    this.stderr = end.stderr ?? '';
  }
}

interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/**
 * Runs a program without a shell, in a process group of its own, without stdin and with only the environment that media programs
 * need: no credentials. Resolves with the end of its stderr when it ended well, and settles only once it is gone.
 * @throws {ProgramFailedError} when it ended badly; the signal's reason when that ended it
 */
export async function runProgram(run: ProgramRun): Promise<string> {
  run.signal?.throwIfAborted();
  const [program = run.program, ...args] = [...(run.prefix ?? []), run.program, ...run.args];
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment(),
  });
  const stopKilling = killOnAbort(child, run.signal);
  try {
    const end = await ended(child, run);
    run.signal?.throwIfAborted();
    if (end.code === 0) return end.stderr;
    throw new ProgramFailedError(`${nameOf(run)} ended with ${end.signal ?? `exit code ${end.code}`}`, end);
  } finally {
    stopKilling();
  }
}

/** The lines that a program prints. For programs that print little. */
export async function outputOf(run: Omit<ProgramRun, 'onLine'>): Promise<string> {
  const lines: string[] = [];
  await runProgram({ ...run, onLine: (line) => lines.push(line) });
  return lines.join('\n');
}

function nameOf(run: ProgramRun): string {
  return run.program.slice(run.program.lastIndexOf('/') + 1);
}

function childEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH, TMPDIR } = process.env;
  return {
    PATH,
    LANG: 'C.UTF-8',
    AV_LOG_FORCE_NOCOLOR: '1',
    ...(LD_LIBRARY_PATH ? { LD_LIBRARY_PATH } : {}),
    ...(TMPDIR ? { TMPDIR } : {}),
  };
}

function ended(child: ChildProcess, run: ProgramRun): Promise<ProgramEnd> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptStderr);
  });
  if (child.stderr && run.onComplaint) createInterface({ input: child.stderr }).on('line', run.onComplaint);
  if (child.stdout) createInterface({ input: child.stdout }).on('line', run.onLine ?? ignore);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(
        new ProgramFailedError(`${nameOf(run)} could not be started: ${error.message}`, {}, { cause: error }),
      );
    });
    child.once('close', (code, signal) => resolve({ code, signal, stderr: stderr.trim() }));
  });
}

/** Reading stdout is what keeps the program from blocking on a full pipe. */
function ignore(): void {}

/** Returns what takes the listener and the timer away again. */
function killOnAbort(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const kill = (): void => killGroup(child, 'SIGKILL');
  const terminate = (): void => {
    killGroup(child, 'SIGTERM');
    timer = setTimeout(kill, termGraceMs);
    // Its own children may live on when it ends at the first signal.
    child.once('exit', kill);
  };
  signal?.addEventListener('abort', terminate, { once: true });
  return () => {
    clearTimeout(timer);
    child.off('exit', kill);
    signal?.removeEventListener('abort', terminate);
  };
}

function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The whole group has gone already, which is what was wanted; macOS says EPERM while zombies are left of it.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

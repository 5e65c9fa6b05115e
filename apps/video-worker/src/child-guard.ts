import { availableParallelism } from 'node:os';
import { outputOf } from './child-process.js';

/** What keeps a child within bounds, as far as this machine has the programs for it. */
export interface ChildGuard {
  /** To put before a program; each of these programs becomes the next one, so that the process id stays. */
  readonly prefix: readonly string[];
  /**
   * What this machine cannot do, for the log. Without `parent death`, a worker that is killed by SIGKILL leaves its FFmpeg
   * running until that is done.
   */
  readonly missing: readonly string[];
}

const gib = 1_024 ** 3;
/** Address space, not memory in use: threads reserve far more than they touch. A fence against a runaway; a container limit is the budget. */
const addressSpaceBytes = 16 * gib + availableParallelism() * gib;
const largestFileBytes = 256 * gib;
const cpuSeconds = availableParallelism() * 24 * 3_600;

const guards = {
  // With FFmpeg on all of two cores that others wanted too, a process that woke up every 5 ms was late by 4.5 ms (p50) and 52 ms (p99); with FFmpeg at the
  // ordinary priority by 16 and 190 ms. Where nobody else wants the cores it costs nothing.
  priority: ['nice', '-n', '10'],
  'parent death': ['setpriv', '--pdeathsig', 'KILL'],
  limits: [
    'prlimit',
    '--core=0',
    `--as=${addressSpaceBytes}`,
    `--fsize=${largestFileBytes}`,
    `--cpu=${cpuSeconds}`,
  ],
} as const;

/** Tries out which guards work here: `nice` and, from util-linux, `setpriv` and `prlimit`. */
export async function findChildGuard(): Promise<ChildGuard> {
  const tried = await Promise.all(
    Object.entries(guards).map(async ([name, prefix]) => ({ name, prefix, works: await works(prefix) })),
  );
  return {
    prefix: tried.filter((guard) => guard.works).flatMap((guard) => guard.prefix),
    missing: tried.filter((guard) => !guard.works).map((guard) => guard.name),
  };
}

async function works(prefix: readonly string[]): Promise<boolean> {
  try {
    await outputOf({ prefix, program: 'true', args: [], signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    // Not there, or not allowed here: the caller lists it as missing.
    return false;
  }
}

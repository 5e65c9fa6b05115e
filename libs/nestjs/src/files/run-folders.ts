import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** A folder's time may be coarser than the clock that the process start is computed with. */
const clockSlackMs = 2_000;

/** How the path of a run's folder starts. Names the machine and the process, so that another process can tell when it is left behind. */
export function folderPrefix(tempDir: string, pid = process.pid): string {
  return join(tempDir, `heavylift-run-${machine()}-${pid}-`);
}

/** Removes the folders that runs of dead processes of this machine left, this process's own forerunner of the same number included. Makes `tempDir` when it is missing. */
export async function removeStaleFolders(tempDir: string, startedMs = processStartMs()): Promise<void> {
  await mkdir(tempDir, { recursive: true });
  for (const name of await readdir(tempDir)) {
    const path = join(tempDir, name);
    if (await isStale(path, pidOf(name), startedMs)) await removeFolder(path);
  }
}

/** Removes a folder with all in it. Where that fails it warns, since neither a finished job nor the next one should fail for it. */
export async function removeFolder(path: string): Promise<void> {
  try {
    // A killed child process may still be writing for a moment.
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  } catch (error) {
    process.emitWarning(
      `folder ${path} was not removed, remove it by hand: ${String(error)}`,
      'HeavyliftWarning',
    );
  }
}

async function isStale(path: string, pid: number | undefined, startedMs: number): Promise<boolean> {
  if (pid === undefined || (pid !== process.pid && isAlive(pid))) return false;
  // In a container every process is number 1 again after a restart: then only the time tells them apart.
  return isOursFromBefore(path, pid === process.pid ? startedMs - clockSlackMs : Number.POSITIVE_INFINITY);
}

function pidOf(name: string): number | undefined {
  const [, host, pid] = /^heavylift-run-([a-z0-9-]+)-(\d+)-[A-Za-z0-9]{6}$/.exec(name) ?? [];
  return host === machine() ? Number(pid) : undefined;
}

function processStartMs(): number {
  return Date.now() - process.uptime() * 1_000;
}

async function isOursFromBefore(path: string, timeMs: number): Promise<boolean> {
  try {
    // The time of birth is not known on every filesystem; that of the last change is never earlier.
    const { ctimeMs, uid } = await lstat(path);
    const isOurs = process.getuid === undefined || uid === process.getuid();
    return isOurs && ctimeMs < timeMs;
  } catch (error) {
    // Another process that starts now removed it first.
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Not permitted means that it lives, as another user.
    return !hasCode(error, 'ESRCH');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function machine(): string {
  return hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60);
}

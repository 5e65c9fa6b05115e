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
export async function removeStaleFolders(tempDir: string): Promise<void> {
  await mkdir(tempDir, { recursive: true });
  for (const name of await readdir(tempDir))
    if (await isStale(tempDir, name)) await removeFolder(join(tempDir, name));
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

async function isStale(tempDir: string, name: string): Promise<boolean> {
  const pid = pidOf(name);
  if (pid === undefined) return false;
  if (pid !== process.pid) return !isAlive(pid) && (await bornBefore(join(tempDir, name), Date.now()));
  return bornBefore(join(tempDir, name), processStartMs() - clockSlackMs);
}

function pidOf(name: string): number | undefined {
  const [, host, pid] = /^heavylift-run-([a-z0-9-]+)-(\d+)-[A-Za-z0-9]{6}$/.exec(name) ?? [];
  return host === machine() ? Number(pid) : undefined;
}

/** In a container every process is number 1 again after a restart: then only the time tells them apart. */
function processStartMs(): number {
  return Date.now() - process.uptime() * 1_000;
}

async function bornBefore(path: string, timeMs: number): Promise<boolean> {
  try {
    const { birthtimeMs, uid } = await lstat(path);
    const isOurs = process.getuid === undefined || uid === process.getuid();
    return isOurs && birthtimeMs < timeMs;
  } catch (error) {
    // Another process that starts now removed it first.
    if (isGone(error)) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Not permitted means that it lives, as another user.
    return !(typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH');
  }
}

function isGone(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

function machine(): string {
  return hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60);
}

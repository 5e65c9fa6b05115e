import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A folder on a disk that can be full. */
export interface SmallDisk {
  readonly folder: string;
  /** From now on nothing more fits on it, as far as this process can see. */
  fill(pid: number): Promise<void>;
  makeRoom(pid: number): Promise<void>;
  remove(): Promise<void>;
}

/** A file system of its own in memory; where nothing may be mounted, as in most containers, a limit on what the process may write. */
export async function smallDisk(mebibytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'heavylift-disk-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
  if (!mounted)
    return { folder, fill: (pid) => limit(pid, '0'), makeRoom: (pid) => limit(pid, 'unlimited'), remove };
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill: () => fillDisk(ballast),
    makeRoom: () => rm(ballast),
    remove: async () => {
      await run('umount', ['--lazy', folder]);
      await remove();
    },
  };
}

/** The soft limit on the size of files, which every write then exceeds. */
async function limit(pid: number, bytes: string): Promise<void> {
  await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}

async function fillDisk(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let bytes = 64 * 1_024; bytes >= 1; bytes /= 2)
      while (await file.write(new Uint8Array(bytes)).then(() => true, isFull));
  } finally {
    await file.close();
  }
}

function isFull(error: unknown): false {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  return false;
}

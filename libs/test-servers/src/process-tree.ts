import { readdir, readFile } from 'node:fs/promises';
import { waitUntil } from './deadline.ts';

const GONE_MS = 10_000;

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

/** Every process below `root`. Empty where there is no /proc (macOS): only the process group is reached there. */
export async function descendants(root: number): Promise<number[]> {
  const rows = await processRows();
  const found = new Set([root]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const row of rows) if (found.has(row.parent)) found.add(row.pid);
  }
  found.delete(root);
  return [...found];
}

/** Signals processes (negative: whole groups) and waits until the single ones are gone. */
export async function signalAll(targets: readonly number[], signal: NodeJS.Signals): Promise<void> {
  for (const target of targets) signalOne(target, signal);
  const single = targets.filter((target) => target > 0);
  await waitUntil('the end of helper processes', () => allGone(single), { timeoutMs: GONE_MS, everyMs: 20 });
}

function signalOne(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function allGone(pids: readonly number[]): Promise<boolean> {
  if (pids.length === 0) return true;
  const alive = new Set((await processRows()).filter((row) => row.state !== 'Z').map((row) => row.pid));
  return pids.every((pid) => !alive.has(pid));
}

async function processRows(): Promise<ProcessRow[]> {
  const names = await readdir('/proc').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const rows = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(processRow));
  return rows.filter((row) => row !== undefined);
}

async function processRow(name: string): Promise<ProcessRow | undefined> {
  const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // It ended since the folder was listed.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  });
  // The second field is the program's name in brackets, which may itself hold blanks and brackets.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state && parent ? { pid: Number(name), parent: Number(parent), state } : undefined;
}

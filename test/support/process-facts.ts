import { readdirSync, readFileSync } from 'node:fs';

/** What a file under /proc says; empty once its process is gone. */
function procFile(pid: number | string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // Gone between two looks: that is what the empty text tells.
    return '';
  }
}

function statusMiB(pid: number, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(procFile(pid, 'status'))?.[1] ?? 0) / 1024;
}

/** Resident memory; 0 when there is no such process. */
export function memoryMiB(pid: number): number {
  return statusMiB(pid, 'VmRSS');
}

/** The most resident memory that the process ever had; 0 when there is no such process. */
export function peakMemoryMiB(pid: number): number {
  return statusMiB(pid, 'VmHWM');
}

/** True for a process that runs; one that ended and was not yet waited for does not. */
export function isAlive(pid: number): boolean {
  const state = /^State:\s+(\w)/m.exec(procFile(pid, 'status'))?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Children, their children, and so on. */
export function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), Number(/^PPid:\s+(\d+)/m.exec(procFile(name, 'status'))?.[1])] as const);
  const found = [pid];
  // The list grows while it is walked through.
  for (const parent of found)
    found.push(...parents.filter(([, ppid]) => ppid === parent).map(([child]) => child));
  return found.slice(1);
}

/** What a process runs, arguments included; empty once it is gone. */
export function commandLine(pid: number): string {
  return procFile(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

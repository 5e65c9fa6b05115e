import { readdirSync, readFileSync } from 'node:fs';

/** What a process and those that share its name use. */
export interface Usage {
  readonly memoryMiB: number;
  /** Since it began. */
  readonly cpuMs: number;
}

const clockTicksPerSecond = 100;

/** What everything that this process has started uses, servers included, by the name of its program. */
export function usageOfChildren(): ReadonlyMap<string, Usage> {
  const usage = new Map<string, Usage>();
  for (const pid of descendants(process.pid)) {
    const name = nameOf(pid);
    const one = usageOf(pid);
    const so = usage.get(name) ?? { memoryMiB: 0, cpuMs: 0 };
    usage.set(name, { memoryMiB: so.memoryMiB + one.memoryMiB, cpuMs: so.cpuMs + one.cpuMs });
  }
  return usage;
}

/** Microseconds of processor that everything that this process has started takes for each of so many jobs. What ends meanwhile is left out. */
export async function cpuPerJob(jobs: number, work: () => Promise<unknown>): Promise<number> {
  const cpuMs = (): Map<number, number> =>
    new Map(descendants(process.pid).map((pid) => [pid, usageOf(pid).cpuMs]));
  const before = cpuMs();
  await work();
  const spent = [...cpuMs()].reduce((sum, [pid, ms]) => sum + ms - (before.get(pid) ?? 0), 0);
  return (spent * 1_000) / jobs;
}

export function usageOf(pid: number): Usage {
  const memory = /VmRSS:\s+(\d+)/.exec(procFile(pid, 'status'))?.[1];
  // Behind the name, which may hold anything: state is the third field, user and system time are the 14th and 15th.
  const [user = 0, system = 0] = afterName(pid).slice(11, 13).map(Number);
  return { memoryMiB: Number(memory ?? 0) / 1024, cpuMs: ((user + system) * 1_000) / clockTicksPerSecond };
}

/** Milliseconds of processor of a process and of all that it has started, ended or not. */
export function cpuMsWithChildren(pid: number): number {
  // User and system time, and both of the children that have ended, are the 14th to the 17th field.
  const ticks = [pid, ...descendants(pid)].flatMap((one) => afterName(one).slice(11, 15).map(Number));
  return (ticks.reduce((sum, count) => sum + count, 0) * 1_000) / clockTicksPerSecond;
}

/** Children, their children, and so on. */
export function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), Number(afterName(Number(name))[1])] as const);
  const found = [pid];
  // The list grows while it is walked through.
  for (const parent of found)
    found.push(...parents.filter(([, ppid]) => ppid === parent).map(([child]) => child));
  return found.slice(1);
}

/** Of a Node process the script, of any other the program. */
function nameOf(pid: number): string {
  const command = /\((.*)\)/.exec(procFile(pid, 'stat'))?.[1] ?? 'gone';
  const script = procFile(pid, 'cmdline')
    .match(/[\w-]+(?=\.[jt]s(\0|$))/g)
    ?.at(-1);
  return script ?? command;
}

function afterName(pid: number): string[] {
  const stat = procFile(pid, 'stat');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Empty once the process is gone. */
function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // Gone between two looks: that is what the empty text tells.
    return '';
  }
}

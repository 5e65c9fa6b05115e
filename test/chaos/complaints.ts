import type { Service } from './service.js';

/** pino's `error`. */
const errorLevel = 50;
const mostOfOne = 5;

/** What a service did that it must not: lines that are errors or no log lines at all, and ends that nobody wanted. */
export function complaintsOf({ name, lines, wrongs }: Pick<Service, 'name' | 'lines' | 'wrongs'>): string[] {
  const said = lines.filter(isComplaint).slice(0, mostOfOne);
  return [...said, ...wrongs].map((what) => `${name}: ${what}`);
}

/** How a transport tells of trouble with its broker: a warning of the process, as there is no logger in its reach. */
const told = /HeavyliftWarning: |\(Use `node --trace-warnings/;

function isComplaint(line: string): boolean {
  if (line.trim() === '' || told.test(line)) return false;
  try {
    return (JSON.parse(line) as { level: number }).level >= errorLevel;
  } catch {
    // Only what bypasses the logger is no JSON: a stack of an error that nobody caught, a warning of Node's.
    return true;
  }
}

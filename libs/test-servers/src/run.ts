import { execFile } from 'node:child_process';

const OUTPUT_BYTES = 16 * 1024 * 1024;
const SHOWN = 2_000;

/** How to run a command: its environment and user (this process's own unless told). */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a command to its end and returns what it printed. A failure throws with the end of its output. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...options, maxBuffer: OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const output = `${stdout}${stderr}`.trim().slice(-SHOWN) || error.message;
      reject(new Error(`${command} ${args.join(' ')} failed:\n${output}`, { cause: error }));
    });
  });
}

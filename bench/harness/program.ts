import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process of ours that logs where it listens. */
export class Program {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#exited = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
    this.url = url;
  }

  /** `flags` are Node's, like `--cpu-prof`. */
  static async start(entry: string, env: NodeJS.ProcessEnv, flags: readonly string[] = []): Promise<Program> {
    const child = spawn(process.execPath, [...flags, entry], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    const lines = createInterface(child.stdout);
    for await (const line of lines) {
      const url = /"url":"(http:[^"]+)"/.exec(line)?.[1];
      if (url === undefined) continue;
      // Whoever stops reading would stop the process once the pipe is full.
      child.stdout.resume();
      return new Program(child, url);
    }
    throw new Error(`${entry} ended before it listened`);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute, join } from 'node:path';
import { createInterface } from 'node:readline';
import { descendants, memoryMiB, peakMemoryMiB } from './process-facts.js';

const root = join(import.meta.dirname, '../..');
/** Far more than a start takes, for machines that are busy. */
const startLimitMs = 90_000;

/** One real process of Heavylift, started from its build; or of a user, by the path of its main file. */
export class HeavyliftProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;

  private constructor(
    readonly app: string,
    env: NodeJS.ProcessEnv,
  ) {
    const entry = isAbsolute(app) ? app : join(root, 'apps', app, 'dist/main.js');
    this.#child = spawn(process.execPath, [entry], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const killed = (): void => void this.#child.kill('SIGKILL');
    process.once('exit', killed);
    this.#exited = once(this.#child, 'exit').then(([code]) => {
      process.off('exit', killed);
      return code as number | null;
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      createInterface(stream).on('line', (line) => this.lines.push(line));
  }

  /** Starts it and waits until it says where it listens. */
  static async start(
    app: string,
    env: NodeJS.ProcessEnv,
  ): Promise<HeavyliftProcess & { readonly url: string }> {
    const started = new HeavyliftProcess(app, env);
    const url = await started.#announced();
    return Object.assign(started, { url });
  }

  /** Starts it and waits for its end. */
  static async runToEnd(
    app: string,
    env: NodeJS.ProcessEnv,
  ): Promise<{ code: number | null; lines: readonly string[] }> {
    const started = new HeavyliftProcess(app, env);
    return { code: await started.#exited, lines: started.lines };
  }

  /** Resident memory now, with that of all its children, in MiB. */
  get memoryMiB(): number {
    return [this.pid, ...descendants(this.pid)].reduce((sum, pid) => sum + memoryMiB(pid), 0);
  }

  /** Resident memory now, without its children, in MiB. */
  get ownMemoryMiB(): number {
    return memoryMiB(this.pid);
  }

  /** The most that it ever had resident, without its children, in MiB. */
  get peakMemoryMiB(): number {
    return peakMemoryMiB(this.pid);
  }

  /** The processes that it has started and that still run. */
  get children(): readonly number[] {
    return descendants(this.pid);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** To it alone, not to its children. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with its exit code, null after a signal, when it has ended, for whatever reason. */
  get exited(): Promise<number | null> {
    return this.#exited;
  }

  /** SIGSTOP: it hangs, without an end. Its children go on. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    this.signal('SIGCONT');
  }

  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#exited;
  }

  kill(): Promise<number | null> {
    this.#child.kill('SIGKILL');
    return this.#exited;
  }

  async #announced(): Promise<string> {
    const deadline = Date.now() + startLimitMs;
    while (Date.now() < deadline && this.#child.exitCode === null) {
      for (const line of this.lines) {
        const url = /"url":"(http:[^"]+)"/.exec(line)?.[1];
        if (url) return url;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#child.kill('SIGKILL');
    throw new Error(`${this.app} did not start:\n${this.lines.join('\n')}`);
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from './deadline.ts';
import { Guard } from './guard.ts';
import { descendants, signalAll } from './process-tree.ts';
import type { ServerLife } from './test-server.ts';

const READY_MS = 90_000;
const TERMINATE_MS = 30_000;
const LOG_TAIL = 2_000;

/** How to run one server as a process of this machine. */
export interface LocalProcessOptions {
  readonly name: string;
  /** Holds data, settings and `output.log`; removed by `stop`. */
  readonly folder: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  /** Run as this user; for servers that refuse to be root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What `restart` sends; SIGTERM unless told. */
  readonly politeSignal?: NodeJS.Signals;
  /** True once clients are served. */
  readonly ready: () => Promise<boolean>;
}

/** A server that is a child of this process, in a process group of its own. */
export class LocalProcess implements ServerLife {
  readonly #options: LocalProcessOptions;
  readonly #guard: Guard;
  #child: ChildProcess | undefined;
  #frozen = false;

  constructor(options: LocalProcessOptions) {
    this.#options = options;
    this.#guard = new Guard(['rm', '-rf', '--', options.folder]);
  }

  async start(): Promise<void> {
    if (this.#child) throw new Error(`${this.#options.name} already runs: kill it first`);
    const child = this.#spawn();
    this.#child = child;
    this.#frozen = false;
    this.#guard.watch(child.pid);
    try {
      await this.#untilReady(child);
    } catch (error) {
      const log = this.#logTail();
      await this.kill();
      throw new Error(`${this.#options.name} does not start:\n${log}`, { cause: error });
    }
  }

  async restart(): Promise<void> {
    await this.#end(this.#options.politeSignal ?? 'SIGTERM');
    await this.start();
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Sends its main process a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#child?.pid) throw new Error(`${this.#options.name} does not run: start it first`);
    process.kill(this.#child.pid, signal);
  }

  /** Started, and neither ended nor frozen. */
  get running(): boolean {
    return this.#child !== undefined && isRunning(this.#child) && !this.#frozen;
  }

  /** Stops it in its tracks by SIGSTOP, helpers included: its connections stay open, and nobody answers on them. */
  freeze(): void {
    this.#signalGroup('SIGSTOP');
    this.#frozen = true;
  }

  /** Lets a frozen one go on. */
  thaw(): void {
    this.#signalGroup('SIGCONT');
    this.#frozen = false;
  }

  async stop(): Promise<void> {
    await this.kill();
    this.#guard.dismiss();
    await rm(this.#options.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #spawn(): ChildProcess {
    const { command, env, folder, user } = this.#options;
    const [program, ...args] = command;
    const log = openSync(join(folder, 'output.log'), 'a');
    const child = spawn(program, args, {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', log, log],
      ...user,
    });
    closeSync(log);
    // A program that cannot be run has no pid and never exits; the log is what `start` reports.
    child.on('error', (error) => appendFileSync(join(folder, 'output.log'), `${error.message}\n`));
    child.unref();
    return child;
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const settled = async (): Promise<boolean> => !isRunning(child) || (await this.#options.ready());
    await waitUntil(`${this.#options.name} ready`, settled, { timeoutMs: READY_MS });
    if (!isRunning(child)) throw new Error(`${this.#options.name} ended while it started`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child?.pid) return;
    const rest = await descendants(child.pid);
    if (isRunning(child)) {
      const exit = once(child, 'exit', { signal: AbortSignal.timeout(TERMINATE_MS) });
      child.ref(); // Or Node would end in the middle of the wait, when nothing else keeps it running.
      child.kill(signal);
      await exit;
    }
    // What the main process has left behind: helpers of its group, and children that made a group of their own.
    await signalAll([-child.pid, ...rest], 'SIGKILL');
    this.#guard.watch(undefined);
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (!this.#child?.pid) throw new Error(`${this.#options.name} does not run: start it first`);
    process.kill(-this.#child.pid, signal);
  }

  #logTail(): string {
    return readFileSync(join(this.#options.folder, 'output.log'), 'utf8').slice(-LOG_TAIL);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

import { HeavyliftProcess } from '../support/process.js';
import type { ChaosProxy } from './chaos-proxy.js';

/** Far longer than a drain takes. */
const stopMs = 60_000;

export interface ServiceOptions {
  /** Names it among the others, like `image-worker-2`. */
  readonly name: string;
  readonly app: 'gateway' | 'image-worker' | 'video-worker';
  /** Its port; the same after each start. */
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  /** The network between it and the broker. */
  readonly network: ChaosProxy;
}

/** A place in the system that one process after another fills. */
export class Service {
  readonly name: string;
  readonly app: ServiceOptions['app'];
  readonly url: string;
  readonly network: ChaosProxy;
  /** What it did that it must not do: ended by itself, or left with a code that is not 0. */
  readonly wrongs: string[] = [];
  /** The most memory that one of its processes ever had resident, in MiB, without children. */
  peakMiB = 0;
  readonly #options: ServiceOptions;
  readonly #processes: HeavyliftProcess[] = [];
  #process: HeavyliftProcess | undefined;
  #frozen = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.name = options.name;
    this.app = options.app;
    this.network = options.network;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  /** All that its processes printed, the oldest first. */
  get lines(): readonly string[] {
    return this.#processes.flatMap(({ lines }) => lines);
  }

  async start(): Promise<void> {
    const { app, env, port } = this.#options;
    const started = await HeavyliftProcess.start(app, { ...env, PORT: String(port) });
    this.#process = started;
    this.#processes.push(started);
    void started.exited.then((code) => {
      if (this.#process === started) this.wrongs.push(`ended by itself, with ${code}`);
    });
  }

  /** SIGKILL; idempotent. */
  async kill(): Promise<void> {
    await this.#letGo()?.kill();
  }

  /** SIGTERM; idempotent. */
  async stop(): Promise<void> {
    this.thaw();
    const process = this.#letGo();
    if (!process) return;
    const slow = setTimeout(() => {
      this.wrongs.push(`still there ${stopMs} ms after SIGTERM`);
      process.signal('SIGKILL');
    }, stopMs);
    const code = await process.stop();
    clearTimeout(slow);
    if (code !== 0) this.wrongs.push(`left with code ${code} after SIGTERM`);
  }

  /** SIGSTOP: it is there, and does nothing. */
  freeze(): void {
    this.#frozen = true;
    this.#process?.signal('SIGSTOP');
  }

  /** SIGCONT; idempotent. */
  thaw(): void {
    if (this.#frozen) this.#process?.signal('SIGCONT');
    this.#frozen = false;
  }

  /** True once it says that all it needs is there. */
  async isReady(): Promise<boolean> {
    this.measure();
    const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(10_000) });
    const { status } = (await response.json()) as { status: string };
    return response.status === 200 && status === 'ok';
  }

  measure(): void {
    this.peakMiB = Math.max(this.peakMiB, Math.round(this.#process?.peakMemoryMiB ?? 0));
  }

  /** From now on its end is wanted. */
  #letGo(): HeavyliftProcess | undefined {
    this.measure();
    const process = this.#process;
    this.#process = undefined;
    return process;
  }
}

import { Worker } from 'node:worker_threads';
import type { ControlStore } from '../control-store.js';
import type { JobStore } from '../job-store.js';
import { StoreUnavailableError } from '../store-unavailable-error.js';
import { Calls, type Message } from './calls.js';
import { flags, program } from './store-program.js';

/**
 * Opens a store in a thread of its own, which does all of its work: SQLite waits for the disk where it stands, and what it is told and asks for, events folded,
 * rows made, statements compiled, takes as much processor as running the jobs. An error that ends the thread ends the process.
 * `databaseUrl` becomes the name of the store: one without credentials.
 * @throws {StoreUnavailableError} when it cannot be opened now
 */
export async function openThreadedStore(databaseUrl: string): Promise<JobStore> {
  const thread = await StoreThread.open(databaseUrl);
  const control = withMethods<ControlStore>({}, (name, args) => thread.call(`control.${name}`, args));
  const own = { name: databaseUrl, control, close: () => thread.close() };
  return withMethods<JobStore>(own, (name, args) => thread.call(name, args));
}

/** An object that has every method, save those of a promise: each but its own is `call`. */
function withMethods<T extends object>(
  own: Partial<T>,
  call: (name: string, args: readonly unknown[]) => Promise<unknown>,
): T {
  const get = (_: unknown, name: string | symbol): unknown => {
    if (name in own || name === 'then' || typeof name === 'symbol') return Reflect.get(own, name);
    return (...args: readonly unknown[]) => call(name, args);
  };
  return new Proxy(own, { get }) as T;
}

/** What it makes lives for one call. With V8's default a gateway that does little is 3 MiB larger, and a busy one no faster. */
const mostYoungMiB = 4;

class StoreThread {
  readonly #name: string;
  readonly #thread: Worker;
  readonly #calls: Calls;
  #closing: Promise<void> | undefined;

  private constructor(name: string) {
    this.#name = name;
    this.#thread = new Worker(program, {
      name: 'store',
      resourceLimits: { maxYoungGenerationSizeMb: mostYoungMiB },
      ...(flags && { execArgv: [...flags] }),
    });
    this.#calls = new Calls(this.#thread);
    this.#thread.on('message', (message: Message) => this.#calls.take(message));
  }

  static async open(databaseUrl: string): Promise<StoreThread> {
    const thread = new StoreThread(databaseUrl);
    try {
      await thread.call('open', [databaseUrl]);
      return thread;
    } catch (error) {
      await thread.#end();
      throw error;
    }
  }

  /** The process goes on while an answer is awaited. */
  async call(name: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#closing) throw this.#closedError();
    this.#thread.ref();
    try {
      return await this.#calls.call(name, args);
    } finally {
      if (this.#calls.waiting === 0) this.#thread.unref();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.call('close', []);
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#thread.terminate();
    this.#calls.rejectAll(this.#closedError());
  }

  #closedError(): StoreUnavailableError {
    return new StoreUnavailableError(this.#name, { cause: new Error('it is closed') });
  }
}

import { Worker } from 'node:worker_threads';
import type { ControlStore } from '../control-store.js';
import type { JobStore } from '../job-store.js';
import { SqlControlStore } from '../sql-control-store.js';
import { SqlJobStore } from '../sql-job-store.js';
import { StoreUnavailableError } from '../store-unavailable-error.js';
import { Calls } from './calls.js';
import { sqliteName } from './open-sqlite.js';
import { flags, program } from './store-program.js';

/**
 * A store on a database file in a thread of its own, which does all of its work: SQLite waits for the disk where it stands, and what rows, events and statistics
 * are made of costs as much as running the jobs. An error that ends the thread ends the process.
 * @throws {StoreUnavailableError} when it cannot be opened now
 */
export async function openThreadedStore(path: string): Promise<JobStore> {
  const thread = await StoreThread.open(path);
  const control = methodsOf<ControlStore>(SqlControlStore, (name, args) =>
    thread.call(`control.${name}`, args),
  );
  const store = methodsOf<JobStore>(SqlJobStore, (name, args) => thread.call(name, args));
  return { ...store, name: thread.name, control, close: () => thread.close() };
}

/** All methods of a class, each of them `call`. */
function methodsOf<T>(
  { prototype }: { readonly prototype: object },
  call: (name: string, args: readonly unknown[]) => Promise<unknown>,
): T {
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  const methods = names.map((name) => [name, (...args: readonly unknown[]) => call(name, args)] as const);
  return Object.fromEntries(methods) as T;
}

class StoreThread {
  readonly name: string;
  readonly #thread: Worker;
  readonly #calls: Calls;
  #closing: Promise<void> | undefined;

  private constructor(name: string) {
    this.name = name;
    this.#thread = new Worker(program, { name: 'store', ...(flags && { execArgv: [...flags] }) });
    this.#calls = new Calls(this.#thread);
    this.#thread.on('message', (message) => this.#calls.take(message));
  }

  static async open(path: string): Promise<StoreThread> {
    const thread = new StoreThread(sqliteName(path));
    try {
      await thread.call('open', [path]);
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
    return new StoreUnavailableError(this.name, { cause: new Error('it is closed') });
  }
}

import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Answer, Question } from './sqlite-file.js';

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

type Reply = { readonly answer: Answer } | { readonly error: { readonly message: string } };

/**
 * A database file in a thread of its own: SQLite waits for the disk where it stands, which would keep everything else in the process waiting, too.
 * An error that ends the thread ends the process.
 */
export class ThreadedFile {
  readonly #thread: Worker;
  readonly #waiting: Waiting[] = [];

  constructor(path: string) {
    // Beside this file, compiled or not.
    const program = new URL(`./sqlite-thread${extname(import.meta.url)}`, import.meta.url);
    this.#thread = new Worker(program, { workerData: path, name: 'sqlite' });
    this.#thread.unref();
    this.#thread.on('message', (reply: Reply) => this.#take(reply));
  }

  /** @throws {Error} of SQLite, with its `errcode`; of the opening, too */
  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#thread.ref();
      this.#thread.postMessage(question);
    });
  }

  /** Resolves once the file is closed. */
  async close(): Promise<void> {
    const closed = once(this.#thread, 'exit');
    this.#thread.ref();
    this.#thread.postMessage(undefined);
    await closed;
  }

  #take(reply: Reply): void {
    const { resolve, reject } = this.#waiting.shift()!;
    if (this.#waiting.length === 0) this.#thread.unref();
    if ('answer' in reply) resolve(reply.answer);
    else reject(Object.assign(new Error(reply.error.message), reply.error));
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Calls, Order, Reply } from './play.ts';

const folder = join(import.meta.dirname, '../players');

/** A process of its own for each side of a contestant, so that none pays for another's garbage. */
export class Player<C extends Calls> {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #open = new Map<number, (reply: Reply) => void>();
  #orders = 0;

  /** `file` is one of `bench/players`. */
  constructor(file: string, env: NodeJS.ProcessEnv) {
    this.#child = fork(join(folder, file), { env: { PATH: process.env.PATH, ...env } });
    this.#exited = once(this.#child, 'exit');
    this.#child.on('message', (reply: Reply) => this.#open.get(reply.id)?.(reply));
    this.#child.on('exit', () => this.#abandon(file));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async call<K extends keyof C & string>(
    name: K,
    ...args: Parameters<C[K]>
  ): Promise<Awaited<ReturnType<C[K]>>> {
    const order: Order = { id: (this.#orders += 1), call: name, args };
    const { error, value } = await new Promise<Reply>((resolve) => {
      this.#open.set(order.id, resolve);
      this.#child.send(order);
    });
    this.#open.delete(order.id);
    if (error !== undefined) throw new Error(error);
    return value as Awaited<ReturnType<C[K]>>;
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }

  #abandon(file: string): void {
    for (const [id, settle] of this.#open) settle({ id, error: `${file} ended before it answered` });
  }
}

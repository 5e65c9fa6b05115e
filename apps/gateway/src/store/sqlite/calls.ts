import type { MessagePort, Worker } from 'node:worker_threads';
import { errorOf, type Thrown, thrownOf } from './thrown.js';

type Port = Pick<MessagePort | Worker, 'postMessage'>;
type Lendable = (...args: readonly unknown[]) => unknown;
/** Answers a call of the other thread. */
type Serve = (name: string, args: readonly unknown[]) => Promise<unknown>;

interface Call {
  readonly call: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

type Reply = { readonly reply: number } & ({ readonly answer: unknown } | { readonly thrown: Thrown });

/** What one of these sends to the other. */
export type Message = Call | Reply;

/** What stands for a function among the arguments: its name while the call lasts. */
interface Lent {
  readonly lent: string;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Calls from thread to thread, in both directions; the other thread has one of these, too. Arguments and answers are copied. An argument that is a function is
 * called back, until the call that brought it is answered; it may do its work later. Errors arrive as what they are.
 */
export class Calls {
  readonly #port: Port;
  readonly #serve: Serve;
  readonly #lent = new Map<string, Lendable>();
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(port: Port, serve: Serve = nothing) {
    this.#port = port;
    this.#serve = serve;
  }

  /** How many calls wait for their answer. */
  get waiting(): number {
    return this.#waiting.size;
  }

  async call(name: string, args: readonly unknown[]): Promise<unknown> {
    const call = ++this.#last;
    const sent = args.map((arg, i) => (isLendable(arg) ? this.#lend(`${call}.${i}`, arg) : arg));
    try {
      return await new Promise((resolve, reject) => {
        this.#port.postMessage({ call, name, args: sent } satisfies Call);
        this.#waiting.set(call, { resolve, reject });
      });
    } finally {
      for (const arg of sent) if (isLent(arg)) this.#lent.delete(arg.lent);
    }
  }

  /** Takes a message from the other thread. */
  take(message: Message): void {
    if ('call' in message) void this.#answer(message);
    else this.#settle(message);
  }

  /** No answer will come any more. */
  rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #lend(lent: string, work: Lendable): Lent {
    this.#lent.set(lent, work);
    return { lent };
  }

  /** Never rejects. */
  async #answer({ call, name, args }: Call): Promise<void> {
    try {
      const lent = this.#lent.get(name);
      const answer = await (lent
        ? lent(...args)
        : this.#serve(
            name,
            args.map((arg) => this.#borrowed(arg)),
          ));
      this.#reply({ reply: call, answer });
    } catch (error) {
      this.#reply({ reply: call, thrown: thrownOf(error) });
    }
  }

  #borrowed(arg: unknown): unknown {
    return isLent(arg) ? (...args: readonly unknown[]) => this.call(arg.lent, args) : arg;
  }

  #reply(reply: Reply): void {
    this.#port.postMessage(reply);
  }

  #settle(message: Reply): void {
    const { resolve, reject } = this.#waiting.get(message.reply)!;
    this.#waiting.delete(message.reply);
    if ('answer' in message) resolve(message.answer);
    else reject(errorOf(message.thrown));
  }
}

async function nothing(name: string): Promise<never> {
  throw new Error(`nobody answers "${name}" here`);
}

function isLendable(arg: unknown): arg is Lendable {
  return typeof arg === 'function';
}

function isLent(arg: unknown): arg is Lent {
  return typeof arg === 'object' && arg !== null && 'lent' in arg;
}

import { TransportError } from '@heavylift/core';
import { type Msg, nanos, type NatsError } from 'nats';
import type { Connection } from './connection.js';
import type { Inbox, Inboxes } from './inboxes.js';

export interface PullRequest {
  readonly stream: string;
  readonly durable: string;
  /** At most so many messages. */
  readonly batch: number;
  /** How long the server keeps the request while there are fewer; 0: it hands on what is there now. */
  readonly waitMs: number;
}

/**
 * How a pull ended. `full`: its batch came. `over`: the server has no more for it. `dropped`: the connection was lost.
 * `silent`: no answer at all, as from a consumer that does not exist.
 */
export type PullEnd = 'full' | 'over' | 'dropped' | 'silent' | TransportError;

/** How long a request for what is still to come waits. Short, for the requests that a server holds die with it, and nobody says so. */
export const waitMs = 2_000;
const graceMs = 1_500;

/** What was wrong with a pull, if anything: one that ends with its connection says nothing of its consumer. */
export function failureOf(end: PullEnd): TransportError | undefined {
  if (end === 'silent') return new TransportError('broker.timeout', 'NATS does not answer a pull');
  return end instanceof TransportError ? end : undefined;
}

/** One request for messages, with an inbox to itself as long as it lasts, so that nothing is ever buffered that was not asked for. */
export class Pull {
  readonly ended: Promise<PullEnd>;
  readonly #request: PullRequest;
  readonly #arrived: (message: Msg) => void;
  readonly #inboxes: Inboxes;
  readonly #inbox: Inbox;
  readonly #forgetDrop: () => void;
  readonly #silence: NodeJS.Timeout;
  #remaining: number;
  #isOver = false;
  #stopping = false;
  #end: (end: PullEnd) => void = () => {};

  /** @throws {Error} when the connection is closed */
  constructor(connection: Connection, request: PullRequest, arrived: (message: Msg) => void) {
    this.#request = request;
    this.#arrived = arrived;
    this.#remaining = request.batch;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const { nc, inboxes } = connection.bare;
    this.#inboxes = inboxes;
    this.#inbox = inboxes.take();
    this.#inbox.open((error, message) => this.#hear(error, message));
    this.#forgetDrop = connection.onDrop(() => this.#finish('dropped'));
    this.#silence = setTimeout(() => this.#finish('silent'), request.waitMs + graceMs);
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${request.stream}.${request.durable}`;
    nc.publish(subject, JSON.stringify(this.#body()), { reply: this.#inbox.subject });
  }

  /** How many more messages may come. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Takes the request back. What the server has sent before it knew still arrives, before this resolves. */
  async stop(): Promise<void> {
    if (this.#isOver || this.#inbox.isClosed) return;
    this.#stopping = true;
    await Promise.race([this.#inbox.drain(), this.ended]);
    this.#finish('over');
  }

  #body(): object {
    const { batch, waitMs } = this.#request;
    return waitMs > 0 ? { batch, expires: nanos(waitMs) } : { batch, no_wait: true };
  }

  #hear(error: NatsError | null, message: Msg): void {
    if (error) return this.#finish(this.#refused(error.message));
    // What a stream hands on, and nothing else, is to be acknowledged.
    if (message.reply) return this.#hand(message);
    const code = message.headers?.code ?? 0;
    if (code === 404 || code === 408) return this.#finish('over');
    if (code >= 400) this.#finish(this.#refused(message.headers?.description ?? String(code)));
  }

  #hand(message: Msg): void {
    this.#remaining--;
    this.#arrived(message);
    if (this.#remaining <= 0) this.#finish('full');
  }

  #refused(why: string): TransportError {
    return new TransportError(
      'broker.refused',
      `cannot pull from consumer ${this.#request.durable}: ${why.toLowerCase()}`,
    );
  }

  #finish(end: PullEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#silence);
    this.#forgetDrop();
    this.#remaining = 0;
    // Where the server has not said that this was all, more may come.
    if (this.#saidAll(end)) this.#inboxes.giveBack(this.#inbox);
    else this.#inbox.close();
    this.#end(end);
  }

  #saidAll(end: PullEnd): boolean {
    return (end === 'full' || end === 'over') && !this.#stopping;
  }
}

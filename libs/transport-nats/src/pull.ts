import { TransportError } from '@heavylift/core';
import { createInbox, type Msg, nanos, type NatsError, type Subscription } from 'nats';
import type { Connection } from './connection.js';

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

/** One request for messages, with an inbox of its own, so that nothing is ever buffered that was not asked for. */
export class Pull {
  readonly ended: Promise<PullEnd>;
  readonly #request: PullRequest;
  readonly #arrived: (message: Msg) => void;
  readonly #subscription: Subscription;
  readonly #forgetDrop: () => void;
  readonly #silence: NodeJS.Timeout;
  #remaining: number;
  #end: (end: PullEnd) => void = () => {};

  /** @throws {Error} when the connection is closed */
  constructor(connection: Connection, request: PullRequest, arrived: (message: Msg) => void) {
    this.#request = request;
    this.#arrived = arrived;
    this.#remaining = request.batch;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const { nc } = connection;
    const inbox = createInbox();
    this.#subscription = nc.subscribe(inbox, { callback: (error, message) => this.#hear(error, message) });
    this.#forgetDrop = connection.onDrop(() => this.#finish('dropped'));
    this.#silence = setTimeout(() => this.#finish('silent'), request.waitMs + graceMs);
    nc.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${request.stream}.${request.durable}`,
      JSON.stringify(this.#body()),
      {
        reply: inbox,
      },
    );
  }

  /** How many more messages may come. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Takes the request back. What the server has sent before it knew still arrives, before this resolves. */
  async stop(): Promise<void> {
    if (this.#subscription.isClosed()) return;
    await Promise.race([this.#subscription.drain(), this.ended]);
    this.#finish('over');
  }

  #body(): object {
    const { batch, waitMs } = this.#request;
    return waitMs > 0 ? { batch, expires: nanos(waitMs) } : { batch, no_wait: true };
  }

  #hear(error: NatsError | null, message: Msg): void {
    if (error) return this.#finish(this.#refused(error.message));
    const code = message.headers?.code ?? 0;
    if (code === 0) return this.#hand(message);
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
    clearTimeout(this.#silence);
    this.#forgetDrop();
    this.#remaining = 0;
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
    this.#end(end);
  }
}

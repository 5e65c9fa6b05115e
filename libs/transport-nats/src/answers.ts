import { createInbox, ErrorCode, type Msg, type NatsConnection, NatsError } from 'nats';
import { publishWithHead } from './publish-with-head.js';

export interface Question {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly timeoutMs: number;
  /** Headers, `name: value` each, ended by CR LF. */
  readonly lines?: string;
}

interface Waiting {
  readonly subject: string;
  /** On the monotonic clock. */
  readonly until: number;
  readonly resolve: (answer: Msg) => void;
  readonly reject: (error: Error) => void;
}

/** How exact a time limit is; one timer looks after all of them. */
const sweepMs = 25;

/**
 * Messages that are answered once each. As `request` of the client, which makes an error with its stack for each question that is answered, and a timer
 * and several promises: with one subscription, one map and one timer for all of them, and a head
 * that is text, a confirmed message takes a third of the processor time (14 µs, not 44).
 */
export class Answers {
  readonly #nc: NatsConnection;
  readonly #prefix = `${createInbox()}.`;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #listening = false;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(nc: NatsConnection) {
    this.#nc = nc;
  }

  /** Rejects with the error of the client: refused, without anybody who answers, not answered in time; or with what `abandon` says. */
  ask({ subject, data, timeoutMs, lines }: Question): Promise<Msg> {
    return new Promise((resolve, reject) => {
      this.#listen();
      const token = (this.#asked += 1);
      const reply = this.#prefix + token.toString(36);
      if (lines === undefined) this.#nc.publish(subject, data, { reply });
      else publishWithHead(this.#nc, { subject, reply, lines, data });
      this.#waiting.set(token, { subject, until: performance.now() + timeoutMs, resolve, reject });
      this.#sweeping ??= setInterval(() => this.#sweep(), sweepMs);
    });
  }

  /** No answer can come any more. */
  abandon(error: Error): void {
    this.#rejectWhere(
      () => true,
      () => error,
    );
  }

  /** The server said that nothing may be published to this subject. */
  refuse(subject: string): void {
    const why = `permissions violation for publish to "${subject}"`;
    this.#rejectWhere(
      (waiting) => waiting.subject === subject,
      () => new NatsError(why, ErrorCode.PermissionsViolation),
    );
  }

  #listen(): void {
    if (this.#listening) return;
    this.#nc.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => (error ? this.#deafened(error) : this.#hear(message)),
    });
    this.#listening = true;
  }

  /** The client has ended the subscription; the next question makes another. */
  #deafened(error: Error): void {
    this.#listening = false;
    this.abandon(error);
  }

  #hear(message: Msg): void {
    const token = parseInt(message.subject.slice(this.#prefix.length), 36);
    const waiting = this.#waiting.get(token);
    if (!waiting) return;
    this.#forget(token);
    if (message.data.length === 0 && message.headers?.code === 503)
      waiting.reject(new NatsError('nobody answers', ErrorCode.NoResponders));
    else waiting.resolve(message);
  }

  #sweep(): void {
    const now = performance.now();
    this.#rejectWhere(
      ({ until }) => until <= now,
      () => new NatsError('no answer', ErrorCode.Timeout),
    );
  }

  #rejectWhere(matches: (waiting: Waiting) => boolean, error: () => Error): void {
    for (const [token, waiting] of this.#waiting) {
      if (!matches(waiting)) continue;
      this.#forget(token);
      waiting.reject(error());
    }
  }

  #forget(token: number): void {
    this.#waiting.delete(token);
    if (this.#waiting.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }
}

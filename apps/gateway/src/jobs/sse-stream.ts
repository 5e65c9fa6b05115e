import type { FastifyReply } from 'fastify';

const keepAliveMs = 15_000;

export interface SseMessage {
  readonly id?: number;
  readonly event: string;
  readonly data: unknown;
}

/** A Server-Sent Events answer: `id`, `event` and `data` per message, a comment now and then so that proxies keep it open. */
export class SseStream {
  readonly #raw: FastifyReply['raw'];
  readonly #keepAlive: NodeJS.Timeout;
  /** Aborts when the client is gone. */
  readonly closed: AbortSignal;

  constructor(reply: FastifyReply) {
    reply.hijack();
    this.#raw = reply.raw;
    const gone = new AbortController();
    this.closed = gone.signal;
    this.#raw.on('close', () => gone.abort());
    this.#raw.on('error', () => gone.abort());
    this.#raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
    });
    this.#raw.flushHeaders();
    this.#keepAlive = setInterval(() => this.#raw.write(':\n\n'), keepAliveMs);
    this.closed.addEventListener('abort', () => clearInterval(this.#keepAlive));
    // Gone before it was listened to.
    if (this.#raw.destroyed) gone.abort();
  }

  /** Resolves when the client has room for more. */
  async send(...messages: readonly SseMessage[]): Promise<void> {
    if (messages.length === 0 || this.closed.aborted) return;
    const taken = this.#raw.write(messages.map(textOf).join(''));
    if (taken || this.closed.aborted) return;
    await this.#drained();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#raw.off('drain', done);
        this.closed.removeEventListener('abort', done);
        resolve();
      };
      this.#raw.on('drain', done);
      this.closed.addEventListener('abort', done);
    });
  }

  /** With these words, unless it has ended. */
  end(...last: readonly SseMessage[]): void {
    clearInterval(this.#keepAlive);
    if (!this.#raw.writableEnded) this.#raw.end(last.map(textOf).join(''));
  }
}

function textOf({ id, event, data }: SseMessage): string {
  const number = id === undefined ? '' : `id: ${id}\n`;
  return `${number}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

import type { FastifyReply } from 'fastify';

const keepAliveMs = 15_000;

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
  }

  /** Resolves when the client has room for more. */
  async send(message: {
    readonly id?: number;
    readonly event: string;
    readonly data: unknown;
  }): Promise<void> {
    const id = message.id === undefined ? '' : `id: ${message.id}\n`;
    const taken = this.#raw.write(`${id}event: ${message.event}\ndata: ${JSON.stringify(message.data)}\n\n`);
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

  end(): void {
    clearInterval(this.#keepAlive);
    this.#raw.end();
  }
}

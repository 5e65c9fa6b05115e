import type { Readable } from 'node:stream';

export const mebibyte = 1024 * 1024;

/** A stream of these texts, one a piece. */
export async function* chunks(...parts: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

/** A stream that gives a text and breaks. */
export async function* failing(part: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks(part);
  throw new Error('the line was cut');
}

/** So many MiB, each unlike the next, made one by one. */
export async function* blocks(count: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let i = 0; i < count; i++) yield await Promise.resolve(Buffer.alloc(mebibyte, i % 251));
}

/** How far the process's memory grows while a stream is used. */
export class MemoryPeak {
  readonly #start = process.memoryUsage.rss();
  #peak = this.#start;

  get growth(): number {
    return this.#peak - this.#start;
  }

  async *watching(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of source) {
      this.#peak = Math.max(this.#peak, process.memoryUsage.rss());
      yield chunk;
    }
  }
}

/** A stream to its end, as text. */
export async function text(stream: Readable): Promise<string> {
  return Buffer.concat(await all<Uint8Array>(stream)).toString('utf8');
}

/** Everything that comes. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

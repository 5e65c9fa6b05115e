import { Problem } from '../problems/problem.js';
import { headBytes } from './media-type.js';

/** A stream of bytes on its way to storage: keeps the first ones, and stops at a limit. */
export class MeasuredUpload implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #limit: number;
  readonly #head: Uint8Array[] = [];
  #headLength = 0;
  #bytes = 0;

  constructor(source: AsyncIterable<Uint8Array>, limit: number) {
    this.#source = source;
    this.#limit = limit;
  }

  get head(): Uint8Array {
    return Buffer.concat(this.#head).subarray(0, headBytes);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.#bytes += chunk.length;
      if (this.#bytes > this.#limit) throw tooLarge(this.#limit);
      this.#keepHead(chunk);
      yield chunk;
    }
  }

  #keepHead(chunk: Uint8Array): void {
    if (this.#headLength >= headBytes) return;
    const part = Buffer.from(chunk.subarray(0, headBytes - this.#headLength));
    this.#head.push(part);
    this.#headLength += part.length;
  }
}

export function tooLarge(limit: number): Problem {
  return new Problem(
    413,
    'upload.too_large',
    `the file is larger than ${limit} bytes, the limit set by MAX_UPLOAD_BYTES`,
  );
}

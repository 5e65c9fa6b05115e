import { createHash } from 'node:crypto';
import type { Blob } from './blob-store.js';
import { bytesStreamed } from './spent-buffers.js';

/** Lets a stream through and tells its length and SHA-256 afterwards. */
export class Hashing {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  async *through(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of source) {
      this.#hash.update(chunk);
      this.#bytes += chunk.byteLength;
      yield chunk;
      bytesStreamed(chunk.byteLength);
    }
  }

  /** To be asked once, when all went through. */
  result(): Blob {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

/** Reads a stream to its end for its length and SHA-256 alone. */
export async function hashOf(source: AsyncIterable<Uint8Array>): Promise<Blob> {
  const hashing = new Hashing();
  const passing = hashing.through(source);
  while (!(await passing.next()).done) continue;
  return hashing.result();
}

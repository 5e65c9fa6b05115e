import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
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

const mostBufferBytes = 256 * 1_024;

/**
 * Reads a file to its end for its length and SHA-256 alone, through one buffer no larger than the file. A stream takes two new ones of its largest size for any file: garbage
 * that, for pictures one after another, cost a worker a sixth of its processor time.
 */
export async function hashOf(file: FileHandle): Promise<Blob> {
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafeSlow(Math.min(size + 1, mostBufferBytes));
  const hash = createHash('sha256');
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
    hash.update(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
  }
}

import type { Readable } from 'node:stream';

/**
 * The port to the place where files are kept. Keys are like `assets/<id>`: parts of letters, digits, `.`, `_` and `-` that start with a letter
 * or digit, with `/` in between; any other is refused with an `InvalidBlobKeyError`. A key is no other key's folder.
 */
export interface BlobStore {
  /** Where it is, without credentials; for logs and health. */
  readonly name: string;

  /**
   * Stores a stream under the key, replacing what was there; whole or not at all, and safe from a crash once it resolves. Never holds the
   * content in memory.
   * @throws what the source throws, and {BlobStoreFullError}; nothing is changed then
   */
  write(key: string, source: AsyncIterable<Uint8Array>): Promise<Blob>;

  /**
   * Stores a regular file of this machine, with the promises of `write`, and takes it away from `path`; cheaper than `write` where the
   * store is a folder. When it rejects, the file is still at `path`.
   */
  moveIn(key: string, path: string): Promise<Blob>;

  /**
   * The content, or the bytes `start` to `end`, both included; what lies behind the end of the content is left out. The caller reads the
   * stream to its end or destroys it.
   * @throws {BlobNotFoundError} before there is a stream
   */
  read(key: string, range?: { readonly start: number; readonly end: number }): Promise<Readable>;

  /**
   * Puts the content at `path` on this machine, where no file may be yet, for programs that read files. To be read and removed, never
   * written to: it may be a link to the store's own copy. It stays whole when the key is replaced or removed.
   * @throws {BlobNotFoundError}
   */
  copyOut(key: string, path: string): Promise<void>;

  /** Its size in bytes; undefined when there is none. */
  size(key: string): Promise<number | undefined>;

  /** Removing what is not there is fine. */
  remove(key: string): Promise<void>;

  /** Every key that starts with the prefix, in no order; one that comes or goes meanwhile may be in it or not. */
  list(prefix: string): AsyncIterable<BlobEntry>;

  /** Rejects when the store cannot be written to now. */
  check(): Promise<void>;

  close(): Promise<void>;
}

/** What was stored. */
export interface Blob {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** One line of a list. */
export interface BlobEntry {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/** Nothing is stored under the key. */
export class BlobNotFoundError extends Error {
  override readonly name = 'BlobNotFoundError';
  readonly code = 'blob.not_found';

  constructor(readonly key: string) {
    super(`there is no file "${key}" in the storage`);
  }
}

/** There is no room for it; what was begun is removed. */
export class BlobStoreFullError extends Error {
  override readonly name = 'BlobStoreFullError';
  readonly code = 'blob.store_full';

  /** `store` names the place without credentials. */
  constructor(store: string, options?: ErrorOptions) {
    super(`there is no room left in the storage ${store}; make some, or give it more`, options);
  }
}

const keyPattern = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const longestKey = 800;

/** A key that no store takes. */
export class InvalidBlobKeyError extends Error {
  override readonly name = 'InvalidBlobKeyError';
  readonly code = 'blob.invalid_key';

  constructor(key: string) {
    super(
      `"${key.slice(0, 100)}" is no key of a stored file; write it like assets/<id>, of letters, digits, dots, dashes and underscores`,
    );
  }
}

/** Whether text is a key: no part of it starts with a dot, so none can lead out of the store's folder. */
export function isBlobKey(key: string): boolean {
  return key.length <= longestKey && keyPattern.test(key);
}

/** @throws {InvalidBlobKeyError} */
export function assertBlobKey(key: string): void {
  if (!isBlobKey(key)) throw new InvalidBlobKeyError(key);
}

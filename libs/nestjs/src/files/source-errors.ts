import { HeavyliftError, UnrecoverableError } from '@heavylift/core';

// Messages name the host alone: paths, headers and bodies of other people's servers may hold secrets.

/** `source.private_address`: the host is, or its name leads to, an address that must not be reached. */
export function privateAddress(host: string): UnrecoverableError {
  return new UnrecoverableError(
    'source.private_address',
    `${host} is not on the public internet; use a public address, or set ALLOW_PRIVATE_SOURCES=true`,
  );
}

/** `source.too_large`. */
export function tooLarge(host: string, maxBytes: number): UnrecoverableError {
  return new UnrecoverableError(
    'source.too_large',
    `the file on ${host} is larger than the ${maxBytes} bytes allowed; use a smaller one`,
  );
}

/** `source.unreachable`, worth another try. */
export function unreachable(host: string, why: string): HeavyliftError {
  return new HeavyliftError('source.unreachable', `the file on ${host} could not be fetched: ${why}`);
}

/** Ours as it is; the signal's reason when the work was called off; any other as `source.unreachable`. */
export function asSourceError(error: unknown, host: string, signal: AbortSignal): unknown {
  if (error instanceof HeavyliftError) return error;
  if (signal.aborted) return signal.reason;
  return unreachable(host, codeOf(error));
}

/** Not the message: a parser's may quote what was received. */
function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code;
  return error instanceof Error ? error.name : 'no reason given';
}

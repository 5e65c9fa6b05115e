import { TransportError } from '@heavylift/core';

/** What can go wrong with the broker, as stable codes. */
export type BrokerErrorCode =
  /** No connection within the time allowed. */
  | 'broker.unreachable'
  /** No answer within the time allowed: it may have happened all the same. */
  | 'broker.timeout'
  /** There is no queue for it. */
  | 'broker.unroutable'
  /** The broker said no. */
  | 'broker.refused'
  /** This transport was closed. */
  | 'broker.closed';

/** A {@link TransportError}; the cause's text is appended, for it is what names the trouble. */
export function brokerError(code: BrokerErrorCode, message: string, cause?: unknown): TransportError {
  const text = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return new TransportError(code, text, cause === undefined ? undefined : { cause });
}

export function closedError(): TransportError {
  return brokerError('broker.closed', 'the transport is closed; create a new one');
}

/** What was caught, as an Error. */
export function asError(caught: unknown): Error {
  return caught instanceof Error ? caught : new Error(String(caught));
}

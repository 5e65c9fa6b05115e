import { TransportError } from '@heavylift/core';
import { ErrorCode, NatsError } from 'nats';

/** What JetStream says by number, as far as it matters here. */
export const apiErrors = {
  temporarilyUnavailable: 10008,
  consumerNotFound: 10014,
  messageNotFound: 10037,
  sequenceNotFound: 10043,
  storeEof: 10057,
  streamDiffers: 10058,
  streamNotFound: 10059,
} as const;

/** The number of a refusal by JetStream, or undefined for every other error. */
export function apiErrorOf(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

/** JetStream or the stream is not there: what was declared may have to be declared again. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof NatsError && error.code === ErrorCode.NoResponders && apiErrorOf(error) === undefined
  );
}

/** For a `catch`: what is missing is as good as undefined. */
export function unlessMissing(error: unknown): undefined {
  const missing: (number | undefined)[] = [apiErrors.streamNotFound, apiErrors.consumerNotFound];
  if (!missing.includes(apiErrorOf(error))) throw error;
}

/** Whether trying again in a moment may help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof TransportError) return error.code === 'broker.unreachable';
  if (apiErrorOf(error) === apiErrors.temporarilyUnavailable) return true;
  const passing: string[] = [ErrorCode.Timeout, ErrorCode.Disconnect, ErrorCode.ConnectionRefused];
  return isMissing(error) || (error instanceof NatsError && passing.includes(error.code));
}

const codes: Readonly<Record<string, string>> = {
  [ErrorCode.Timeout]: 'broker.timeout',
  [ErrorCode.ConnectionTimeout]: 'broker.unreachable',
  [ErrorCode.ConnectionRefused]: 'broker.unreachable',
  [ErrorCode.Disconnect]: 'broker.unreachable',
  [ErrorCode.ConnectionClosed]: 'broker.closed',
  [ErrorCode.ConnectionDraining]: 'broker.closed',
};

const systemCodes: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNRESET',
  'ECONNREFUSED',
  'EHOSTUNREACH',
]);

/** Of a consumption that was stopped. */
export function stoppedError(): TransportError {
  return new TransportError('broker.closed', 'takes nothing any more: it was stopped');
}

/** Any error of the client as a TransportError; `doing` names what failed, like `publish to heavylift.jobs.a.b`. */
export function toTransportError(error: unknown, doing: string): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError(codeOf(error), `cannot ${doing}: ${cureOf(error)}`, { cause: error });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'broker.unreachable';
  const code = 'code' in error ? String(error.code) : '';
  if (systemCodes.has(code)) return 'broker.unreachable';
  return codes[code] ?? 'broker.refused';
}

function cureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no NATS server answered; check the address and that it runs';
  if (isMissing(error)) return 'JetStream does not answer; start nats-server with -js';
  if (error instanceof NatsError && error.code === ErrorCode.Timeout) return 'NATS did not answer in time';
  if (error instanceof NatsError && error.code === ErrorCode.ConnectionRefused)
    return 'the connection is refused; check the address and that nats-server runs';
  if (error instanceof NatsError && error.isAuthError())
    return 'NATS does not accept these credentials; check user, password or token';
  // The message of a refusal is its number alone.
  const refusal = error instanceof NatsError ? error.api_error?.description : undefined;
  return (refusal ?? error.message).toLowerCase();
}

import { HeavyliftError, InvalidPayloadError, UnrecoverableError } from './errors.js';
import type { ErrorFacts } from './job-event.js';

/** Stacks of an error that hangs on to a huge text would fill the broker. In characters. */
const longestText = 8_000;

/** Whether an attempt that failed so may be followed by another. */
export function isRetryable(error: unknown): boolean {
  return !(error instanceof UnrecoverableError || error instanceof InvalidPayloadError);
}

/** What an event tells of whatever a handler threw. */
export function errorFacts(error: unknown, retryable: boolean): ErrorFacts {
  if (!(error instanceof Error))
    return { name: 'Error', code: 'handler.failed', message: String(error).slice(0, longestText), retryable };
  return {
    name: error.name,
    code: error instanceof HeavyliftError ? error.code : 'handler.failed',
    message: error.message.slice(0, longestText),
    retryable,
    ...(error.stack ? { stack: error.stack.slice(0, longestText) } : {}),
  };
}

import { KeyTakenError } from '../idempotency-keys.js';
import { ScheduleNameTakenError } from '../schedule-book.js';
import { StoreUnavailableError } from '../store-unavailable-error.js';

/** What crosses from thread to thread of an error. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: Thrown | undefined;
  /** Like `code`. */
  readonly own: object;
}

/** Whoever calls tells these apart. */
const kinds: Readonly<Record<string, { readonly prototype: Error }>> = {
  KeyTakenError,
  ScheduleNameTakenError,
  StoreUnavailableError,
};

export function thrownOf(error: unknown): Thrown {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), own: {} };
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    stack,
    cause: cause === undefined ? undefined : thrownOf(cause),
    own: { ...error },
  };
}

export function errorOf({ name, message, stack, cause, own }: Thrown): Error {
  const error = new Error(message, cause && { cause: errorOf(cause) });
  Object.setPrototypeOf(error, kinds[name]?.prototype ?? Error.prototype);
  return Object.assign(error, { stack }, own);
}

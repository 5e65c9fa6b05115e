/**
 * The errors of Heavylift. Everything else that a handler throws is retried under the code `handler.failed`.
 *
 * `code` is stable and meant for programs, `message` for people: it names the thing and the cure.
 */
export class HeavyliftError extends Error {
  override readonly name: string = 'HeavyliftError';

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Throw it from a handler when trying again cannot help: the job is dead-lettered at once. */
export class UnrecoverableError extends HeavyliftError {
  override readonly name = 'UnrecoverableError';
}

/** Throw it from a handler to be tried again after `delayMs`; it counts as an attempt. */
export class RetryAfterError extends HeavyliftError {
  override readonly name = 'RetryAfterError';

  constructor(
    readonly delayMs: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super('handler.retry_after', message, options);
  }
}

/** A wrong field: `path` like `variants[0].width`, and what is wrong with it. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A payload that does not keep its contract, with every wrong field. */
export class InvalidPayloadError extends HeavyliftError {
  override readonly name = 'InvalidPayloadError';

  constructor(
    readonly jobType: string,
    readonly errors: readonly FieldError[],
  ) {
    super(
      'payload.invalid',
      `payload of "${jobType}" is not valid: ${errors.map((e) => `${e.path} ${e.message}`).join('; ')}`,
    );
  }
}

/** The attempt ran longer than the job's time limit. */
export class JobTimeoutError extends HeavyliftError {
  override readonly name = 'JobTimeoutError';

  constructor(readonly timeoutMs: number) {
    super('job.timeout', `the attempt ran longer than its limit of ${timeoutMs / 1000} s`);
  }
}

/** The broker did not take, or could not be asked: not connected, not confirmed in time, refused, closed. */
export class TransportError extends HeavyliftError {
  override readonly name = 'TransportError';
}

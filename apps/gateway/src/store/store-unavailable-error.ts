import { HeavyliftError } from '@heavylift/core/job-life';

/** The database cannot be used now: away, full, locked, read-only or closed. Trying again later can help. */
export class StoreUnavailableError extends HeavyliftError {
  override readonly name = 'StoreUnavailableError';

  /** `store` names the database without credentials. */
  constructor(store: string, options?: ErrorOptions) {
    super(
      'store.unavailable',
      `the job store ${store} cannot be used now: ${reasonOf(options?.cause)}`,
      options,
    );
  }
}

function reasonOf(cause: unknown): string {
  const { message, errors } = cause as { message?: string; errors?: readonly unknown[] };
  // Node gives the errors of all addresses that a name stands for, under an empty message.
  return message || errors?.map(reasonOf).join(', ') || String(cause);
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { HeavyliftError } from '@heavylift/core';

/** A handler called `process.exit`: the attempt failed by it, and the process ends once its other jobs are done or handed back. */
export class HandlerExitError extends HeavyliftError {
  override readonly name = 'HandlerExitError';

  constructor(readonly exitCode: number | string | null | undefined) {
    super('worker.lost', `the handler called process.exit(${exitCode ?? ''}); let it throw an error instead`);
  }
}

const handlers = new AsyncLocalStorage<(error: HandlerExitError) => void>();
let guarded = false;

/**
 * Begins a handler, which settles the promise. Does it call `process.exit`, it alone pays: its attempt fails with a {@link HandlerExitError}, and the process is asked to stop,
 * as by SIGTERM, so that the other jobs in hand end well. The exit code is the one that the handler named.
 */
export function withExitGuard<T>(begin: ConstructorParameters<typeof Promise<T>>[0]): Promise<T> {
  if (!guarded) guardExit();
  guarded = true;
  return new Promise((resolve, reject) => handlers.run(reject, begin, resolve, reject));
}

function guardExit(): void {
  const exit = process.exit.bind(process);
  let stopping = false;
  process.exit = (...codes: Parameters<typeof exit>) => {
    const fail = handlers.getStore();
    // Not `exit(undefined)`: that is 0, whatever `process.exitCode` says.
    if (!fail) return exit(...codes);
    const error = new HandlerExitError(codes[0]);
    fail(error);
    process.exitCode = codes[0];
    // A second signal would end the process at once.
    if (!stopping) process.kill(process.pid, 'SIGTERM');
    stopping = true;
    throw error;
  };
}

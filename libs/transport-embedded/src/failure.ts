/** Tells the process of a failure in code that was handed to the transport; it has no other way to say it. */
export function reportFailure(what: string, error: unknown): void {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(what, { type: 'HeavyliftWarning', detail });
}

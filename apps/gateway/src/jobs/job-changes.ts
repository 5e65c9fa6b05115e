/** Tells those who follow a job that something was recorded for it here; what was recorded elsewhere is seen at the next look. */
export class JobChanges {
  readonly #waiting = new Map<string, Set<() => void>>();

  changed(jobIds: readonly string[]): void {
    for (const id of jobIds) for (const wake of this.#waiting.get(id) ?? []) wake();
  }

  /** Resolves at the next change of the job, after `atMostMs`, or when `signal` aborts. */
  next(jobId: string, atMostMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(jobId) ?? new Set();
      this.#waiting.set(jobId, waiting);
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(jobId);
        resolve();
      };
      const timer = setTimeout(wake, atMostMs);
      signal.addEventListener('abort', wake);
      waiting.add(wake);
    });
  }
}

import type { AssetFacts, Progress } from './job-event.js';

/** Facts about the attempt that a handler runs in. */
export interface JobFacts {
  readonly id: string;
  /** Like `video.transcode`. */
  readonly type: string;
  readonly version: number;
  /** From 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Names this run, unlike any other, even of the same attempt. */
  readonly run: string;
  readonly deadline: Date;
}

/** Where a context passes on what its handler says. */
export interface JobListener {
  readonly onProgress?: (progress: Progress) => void;
  readonly onLog?: (text: string) => void;
}

/** What a handler gets beside its payload. Closed once the attempt is settled: calls after that do nothing. */
export class JobContext implements JobFacts {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly run: string;
  readonly deadline: Date;
  readonly #abort: { readonly signal: AbortSignal };
  readonly #assets: AssetFacts[] = [];
  readonly #listener: JobListener;
  #closed = false;

  constructor(facts: JobFacts, abort: { readonly signal: AbortSignal }, listener: JobListener = {}) {
    this.id = facts.id;
    this.type = facts.type;
    this.version = facts.version;
    this.attempt = facts.attempt;
    this.maxAttempts = facts.maxAttempts;
    this.run = facts.run;
    this.deadline = facts.deadline;
    this.#abort = abort;
    this.#listener = listener;
  }

  /** Aborts at the time limit, and when the job is cancelled or handed back. Its reason is an error that says which. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Says how far the work is, 0 to 100. Call it as often as you like: it is sent a few times a second at most. */
  progress(percent: number, message?: string): void {
    if (this.#closed || Number.isNaN(percent)) return;
    const bounded = Math.round(Math.min(100, Math.max(0, percent)) * 10) / 10;
    this.#listener.onProgress?.({ percent: bounded, ...(message ? { message } : {}) });
  }

  /**
   * Writes a line for whoever looks at the job, several where the text has line breaks. Sent about once a second; more than 100 lines a second are left out,
   * which the log says. Of a line 2,000 characters are kept, of a job its newest 1,000 lines. No place for secrets.
   */
  log(line: string): void {
    if (!this.#closed) this.#listener.onLog?.(line);
  }

  /** Adds a stored file to the job's result; it counts only if this run succeeds and is the one recorded. */
  output(asset: AssetFacts): void {
    if (!this.#closed) this.#assets.push(asset);
  }

  get outputs(): readonly AssetFacts[] {
    return this.#assets;
  }

  close(): void {
    this.#closed = true;
  }
}

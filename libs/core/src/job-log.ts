import { setTimeout as sleep } from 'node:timers/promises';
import { linesOf } from './log-lines.js';
import type { LoggedFacts, LogLine } from './logged-event.js';

export interface JobLogOptions {
  readonly publish: (facts: LoggedFacts) => Promise<void>;
  readonly now: () => Date;
  /** Hears at the end how many lines nobody could be told. */
  readonly onLost: (lines: number, error: unknown) => void;
}

const intervalMs = 1_000;
/** Of one event; so it stays well under what a NATS server takes, 1 MiB. */
const mostLines = 100;
/** How long the end of a run waits for its last lines. */
const lastWordsMs = 1_000;

/**
 * What one run writes. Sends at most one event a second, and one at the end, of at most 100 lines each; what is more is counted. While nothing can be sent
 * it keeps two events. Never rejects, and never keeps a handler waiting.
 */
export class JobLog {
  readonly #options: JobLogOptions;
  #lines: LogLine[] = [];
  #leftOut = 0;
  #total = 0;
  #batches = 0;
  #told = 0;
  /** Formed, and not confirmed yet: it goes again under its number, so that it is kept once. */
  #unsent: LoggedFacts | undefined;
  #sending: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #error: unknown;
  #ended = false;

  constructor(options: JobLogOptions) {
    this.#options = options;
  }

  /** Whether there are lines that nobody was told yet. */
  get waits(): boolean {
    return this.#told < this.#total;
  }

  write(text: string): void {
    for (const line of linesOf(String(text))) this.#take(line);
    this.#plan();
  }

  /** Whether all that is left leaves with the call of `end`, as one event. */
  get endsAtOnce(): boolean {
    return !this.#sending && !this.#unsent;
  }

  /** Sends what is left, for a second at most. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    const sent = new AbortController();
    const tooLate = sleep(lastWordsMs, undefined, { signal: sent.signal }).catch(() => {
      // Cut short: all was sent.
    });
    await Promise.race([this.#sendRest(), tooLate]);
    sent.abort();
    if (this.waits) this.#options.onLost(this.#total - this.#told, this.#error);
  }

  #take(line: string): void {
    this.#total++;
    if (this.#lines.length >= mostLines) this.#leftOut++;
    else this.#lines.push({ at: this.#options.now().toISOString(), line });
  }

  #plan(): void {
    if (!this.waits || this.#sending || this.#ended) return;
    this.#timer ??= setTimeout(() => void this.#send(), intervalMs);
  }

  /** What is on its way, then what waits behind it, until one fails. */
  async #sendRest(): Promise<void> {
    if (this.#sending) await this.#sending;
    this.#error = undefined;
    while (this.waits && !this.#error) await this.#send();
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#tell();
    await this.#sending;
    this.#sending = undefined;
    this.#plan();
  }

  async #tell(): Promise<void> {
    const facts = (this.#unsent ??= this.#next());
    try {
      await this.#options.publish(facts);
      this.#told = facts.total;
      this.#unsent = undefined;
      this.#error = undefined;
    } catch (error) {
      this.#error = error;
    }
  }

  #next(): LoggedFacts {
    const facts = { lines: this.#lines, leftOut: this.#leftOut, total: this.#total };
    this.#lines = [];
    this.#leftOut = 0;
    return { kind: 'logged', batch: ++this.#batches, ...facts };
  }
}

import type { Outbox } from '../store/outbox.js';
import type { SparingLog } from './sparing-log.js';

const afterMs = 200;
const mostWaiting = 1_000;

/**
 * Notes which jobs the broker has, a moment later and many at once. Most are quicker: an event that tells of their start is recorded meanwhile, and says it
 * as well, so that nothing has to be written. What a crash leaves without its note is sent again when the hold on it ends.
 */
export class DispatchNotes {
  readonly #outbox: Pick<Outbox, 'markDispatched'>;
  readonly #log: SparingLog;
  /** By keeper. */
  readonly #waiting = new Map<string, string[]>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(outbox: Pick<Outbox, 'markDispatched'>, log: SparingLog) {
    this.#outbox = outbox;
    this.#log = log;
  }

  add(ids: Iterable<string>, keeper: string): void {
    const waiting = this.#waiting.get(keeper) ?? [];
    this.#waiting.set(keeper, waiting);
    waiting.push(...ids);
    if (waiting.length >= mostWaiting) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), afterMs);
  }

  /** Resolves once all is noted. */
  async close(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#writing = this.#writing.then(() => this.#mark(waiting));
  }

  async #mark(waiting: readonly (readonly [string, readonly string[]])[]): Promise<void> {
    try {
      for (const [keeper, ids] of waiting) await this.#outbox.markDispatched(ids, keeper);
    } catch (error) {
      this.#log.warn('jobs may be sent again: that they were sent could not be noted', { error });
    }
  }
}

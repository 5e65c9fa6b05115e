import type { Consumption } from './transport.js';

/** Jobs of one queue, pushed as fast as they are settled. */
export interface IntakeStream extends Consumption {
  /** So many more may be unsettled from now on. */
  widen(by: number): void;
}

/** What falls free in so many milliseconds is streamed by one more consumer of the broker, instead of one for each slot. */
const gatheringMs = 5;

/** All slots, of which a stream takes up those that no job from elsewhere does. */
export class StreamedSlots {
  readonly count: number;
  #stream: IntakeStream | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #window = 0;
  #outside = 0;

  constructor(count: number) {
    this.count = count;
  }

  /** `outside`: how many run now. */
  fill(stream: IntakeStream, outside: number): void {
    this.#stream = stream;
    this.#outside = outside;
    this.#widen();
  }

  /** A job from elsewhere starts. */
  taken(): void {
    this.#outside++;
  }

  /** A job from elsewhere has ended. */
  freed(): void {
    this.#outside--;
    if (this.#stream) this.#gathering ??= setTimeout(() => this.#widen(), gatheringMs);
  }

  /** The stream has ended. */
  close(): void {
    clearTimeout(this.#gathering);
    this.#stream = undefined;
  }

  #widen(): void {
    this.#gathering = undefined;
    const by = this.count - this.#window - this.#outside;
    if (by < 1) return;
    this.#window += by;
    this.#stream?.widen(by);
  }
}

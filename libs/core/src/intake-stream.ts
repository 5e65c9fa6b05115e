import type { Consumption } from './transport.js';

/** Jobs of one queue, pushed as fast as they are settled. */
export interface IntakeStream extends Consumption {
  /** So many more may be unsettled from now on. */
  widen(by: number): void;
}

/** All slots, of which a stream takes up those that no job from elsewhere does. */
export class StreamedSlots {
  readonly count: number;
  #stream: IntakeStream | undefined;
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
    this.#widen();
  }

  /** Not for each single slot: every time is one more consumer for the broker. */
  #widen(): void {
    const by = this.count - this.#window - this.#outside;
    if (by < 1 || (by < this.count / 2 && this.#outside > 0)) return;
    this.#window += by;
    this.#stream?.widen(by);
  }
}

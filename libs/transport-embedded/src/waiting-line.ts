import { Deque } from './deque.js';
import { type Held, pack, unpack } from './packed-jobs.js';

/** So many are as they came. */
const mostLoose = 10_000;
const mostInBlock = 256;
const mostBytesInBlock = 1_024 ** 2;

/**
 * First in, first out. The first ten thousand are as they came; those behind them are packed in blocks, which takes 4 µs a job on its way in and out, and
 * leaves 50 bytes of the 2,000 that it would take: a million may wait in a small process.
 */
export class WaitingLine {
  readonly #first = new Deque<Held>();
  readonly #packed = new Deque<Uint8Array>();
  #last: Held[] = [];
  #bytesInLast = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(held: Held): void {
    this.#size++;
    if (this.#isShort) return this.#first.push(held);
    this.#last.push(held);
    this.#bytesInLast += held.message.body.byteLength;
    if (this.#last.length === mostInBlock || this.#bytesInLast >= mostBytesInBlock)
      this.#packed.push(pack(this.#takeLast()));
  }

  shift(): Held | undefined {
    if (this.#first.size === 0) this.#refill();
    const held = this.#first.shift();
    if (held) this.#size--;
    return held;
  }

  get #isShort(): boolean {
    return this.#size <= mostLoose && this.#packed.size === 0 && this.#last.length === 0;
  }

  #refill(): void {
    const block = this.#packed.shift();
    for (const held of block ? unpack(block) : this.#takeLast()) this.#first.push(held);
  }

  #takeLast(): Held[] {
    const last = this.#last;
    this.#last = [];
    this.#bytesInLast = 0;
    return last;
  }
}

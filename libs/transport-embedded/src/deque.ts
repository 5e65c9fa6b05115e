const compactFrom = 1_024;

/** First in, first out, in constant time however long it grows. */
export class Deque<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    this.#compact();
    return item;
  }

  /** Takes up to `max` from the front. */
  take(max: number): T[] {
    return Array.from({ length: Math.min(max, this.size) }, () => this.shift()!);
  }

  /** Cuts off the taken half only once it is the bigger one, so that each item is moved once on average. */
  #compact(): void {
    if (this.#head < compactFrom || this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}

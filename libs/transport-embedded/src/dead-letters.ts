import type { DeadLetter } from '@heavylift/core';

/** A place for dead letters, which several queues may share. */
export class EmbeddedDeadLetters {
  /** By job id; a map keeps the order of its entries, so the oldest is the first. */
  readonly #letters = new Map<string, DeadLetter>();

  get size(): number {
    return this.#letters.size;
  }

  bury(letter: DeadLetter): void {
    this.#letters.delete(letter.message.id);
    this.#letters.set(letter.message.id, letter);
  }

  oldest(limit: number): DeadLetter[] {
    return [...this.#letters.values()].slice(0, Math.max(0, limit));
  }

  /** Takes out those of these jobs up to these attempts; says how many there were. */
  discard(upTo: ReadonlyMap<string, number>): number {
    const chosen = [...upTo].filter(([id, attempt]) => this.#attemptOf(id) <= attempt);
    for (const [id] of chosen) this.#letters.delete(id);
    return chosen.length;
  }

  #attemptOf(id: string): number {
    return this.#letters.get(id)?.message.attempt ?? Infinity;
  }
}

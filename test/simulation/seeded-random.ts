// Taken once: in a sandboxed realm each look at a global is slow, and chance is asked often.
const { floor, imul } = Math;

/** A stream of chance that is the same for the same seed and name: a fault that is taken away leaves the other streams as they were. */
export class SeededRandom {
  readonly #seed: number;
  #state: number;

  constructor(seed: number, name = '') {
    this.#seed = seed;
    this.#state = hash(seed, name);
  }

  /** A stream of its own, the same for the same name. */
  named(name: string): SeededRandom {
    return new SeededRandom(this.#seed, name);
  }

  /** In [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[floor(this.next() * values.length)]!;
  }

  some<T>(values: readonly T[], probability: number): T[] {
    return values.filter(() => this.chance(probability));
  }
}

function hash(seed: number, name: string): number {
  let value = imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  for (let at = 0; at < name.length; at++) value = imul(value ^ name.charCodeAt(at), 0x01000193);
  return value ^ (value >>> 13);
}

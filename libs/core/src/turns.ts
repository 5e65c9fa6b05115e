/** Of so many rounds, one starts a tier further down, so that no tier starves. */
const lowerEvery = 8;

/**
 * In which order each round asks the queues. Tier by tier, but one round in 8 starts at the second tier, one in 64 at the third, and so
 * on; within a tier the next queue comes first each time.
 */
export class Turns<Q> {
  readonly #tiers: readonly (readonly Q[])[];
  /** How often each tier was the first to be asked. */
  readonly #asked = new Map<readonly Q[], number>();
  #turn = 0;

  constructor(tiers: readonly (readonly Q[])[]) {
    this.#tiers = tiers.filter((tier) => tier.length > 0);
  }

  /** All queues, each once, in the order of the next round. */
  next(): readonly Q[] {
    const tiers = rotated(this.#tiers, this.#startOf(this.#turn++));
    const [first] = tiers;
    if (!first) return [];
    const asked = this.#asked.get(first) ?? 0;
    this.#asked.set(first, asked + 1);
    return tiers.flatMap((tier) => rotated(tier, asked % tier.length));
  }

  #startOf(turn: number): number {
    let start = 0;
    for (let rest = turn + 1; start < this.#tiers.length - 1 && rest % lowerEvery === 0; rest /= lowerEvery)
      start++;
    return start;
  }
}

function rotated<T>(list: readonly T[], start: number): readonly T[] {
  return [...list.slice(start), ...list.slice(0, start)];
}

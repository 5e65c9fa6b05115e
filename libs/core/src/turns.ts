/** Of so many rounds, one starts a tier further down, so that no tier starves. */
const lowerEvery = 8;

/**
 * In which order each round asks the queues. Tier by tier, but one round in 8 starts at the second tier, one in 64 at the third, and so
 * on; within a tier the next queue comes first each time.
 */
export class Turns<Q> {
  /** By the tier that is asked first, the orders that take turns: made once, since a round may be asked for with each job. */
  readonly #orders: readonly (readonly (readonly Q[])[])[];
  /** How often each tier was the first to be asked. */
  readonly #asked: number[];
  #turn = 0;

  constructor(tiers: readonly (readonly Q[])[]) {
    const filled = tiers.filter((tier) => tier.length > 0);
    const rounds = filled.reduce((all, { length }) => leastCommonMultiple(all, length), 1);
    this.#orders = filled.map((_, start) =>
      Array.from({ length: rounds }, (_, round) =>
        rotated(filled, start).flatMap((tier) => rotated(tier, round % tier.length)),
      ),
    );
    this.#asked = filled.map(() => 0);
  }

  /** All queues, each once, in the order of the next round. */
  next(): readonly Q[] {
    const start = this.#startOf(this.#turn++);
    const orders = this.#orders[start];
    if (!orders) return [];
    const asked = this.#asked[start]!;
    this.#asked[start] = asked + 1;
    return orders[asked % orders.length]!;
  }

  #startOf(turn: number): number {
    let start = 0;
    for (let rest = turn + 1; start < this.#orders.length - 1 && rest % lowerEvery === 0; rest /= lowerEvery)
      start++;
    return start;
  }
}

function rotated<T>(list: readonly T[], start: number): readonly T[] {
  return [...list.slice(start), ...list.slice(0, start)];
}

function leastCommonMultiple(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return (a / divisor) * b;
}

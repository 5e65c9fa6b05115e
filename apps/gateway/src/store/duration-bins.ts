/** Four bins to each doubling: a percentile read from them is at most 19 % too high. */
const binsPerDoubling = 4;

/** The bin of a histogram that a duration falls into, from 0. */
export function binOf(ms: number): number {
  return Math.floor(binsPerDoubling * Math.log2(Math.max(0, ms) + 1));
}

/** The upper end of a bin, in milliseconds. */
export function upperEndOf(bin: number): number {
  return 2 ** ((bin + 1) / binsPerDoubling) - 1;
}

/** How many durations fell into each bin. */
export type Histogram = ReadonlyMap<number, number>;

/** The duration, in whole milliseconds, that so large a share (0 to 1) of them does not exceed; undefined when there is none. */
export function percentile(histogram: Histogram, share: number): number | undefined {
  const bins = [...histogram].sort(([a], [b]) => a - b);
  const total = bins.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bin, count] of bins) {
    seen += count;
    if (seen >= share * total) return Math.round(upperEndOf(bin));
  }
  return undefined;
}

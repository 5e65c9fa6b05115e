/** A length of time at the edge: a number and a unit, like `'500ms'`, `'30s'`, `'10m'`, `'24h'`, `'7d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A duration in milliseconds.
 * @throws {RangeError} when the text is no duration
 */
export function toMs(duration: Duration): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? [];
  if (!amount || !unit)
    throw new RangeError(`"${duration}" is no duration; write it like 500ms, 30s, 10m, 24h or 7d`);
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
}

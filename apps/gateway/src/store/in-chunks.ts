import { inParts } from '../in-parts.js';

/** Well under what a statement may bind: 32,766 values on SQLite, 65,535 on PostgreSQL. */
const mostValues = 16_000;

/** Cuts rows into pieces that one statement can take, `valuesPerRow` values each. */
export function inChunks<T>(rows: readonly T[], valuesPerRow: number): Iterable<readonly T[]> {
  return inParts(rows, Math.floor(mostValues / valuesPerRow));
}

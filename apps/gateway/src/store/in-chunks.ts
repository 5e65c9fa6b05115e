/** Well under what a statement may bind: 32,766 values on SQLite, 65,535 on PostgreSQL. */
const mostValues = 16_000;

/** Cuts rows into pieces that one statement can take, `valuesPerRow` values each. */
export function inChunks<T>(rows: readonly T[], valuesPerRow: number): T[][] {
  const size = Math.floor(mostValues / valuesPerRow);
  const chunks: T[][] = [];
  for (let start = 0; start < rows.length; start += size) chunks.push(rows.slice(start, start + size));
  return chunks;
}

import type { LogLine } from '@heavylift/core';
import { type LogBatch, mostLogLines } from '../store/index.js';

/** A line that a handler wrote, or one that says how many the worker left out there. */
export interface LogItem extends LogLine {
  readonly attempt: number;
}

/** What was written for a job, oldest first. */
export interface LogView {
  readonly items: readonly LogItem[];
  /** How many lines were written and are not here. */
  readonly omitted: number;
  /** Grows with what is written: what a stream tells under a higher number is not in here. */
  readonly seq: number;
}

/** All that is kept: the newest 1,000 lines. */
export function logView(batches: readonly LogBatch[]): LogView {
  const shown = newest(batches);
  const written = new Map<string, number>();
  for (const { run, total } of batches) written.set(run, Math.max(total, written.get(run) ?? 0));
  const all = [...written.values()].reduce((sum, total) => sum + total, 0);
  const seq = batches.reduce((last, batch) => Math.max(last, batch.seq), 0);
  const lines = shown.reduce((sum, batch) => sum + batch.lines.length, 0);
  return { items: shown.flatMap(itemsOf), omitted: Math.max(0, all - lines), seq };
}

/** What came after what was told before. */
export function logPartView(batch: LogBatch): LogView {
  return { items: itemsOf(batch), omitted: batch.leftOut, seq: batch.seq };
}

function newest(batches: readonly LogBatch[]): LogBatch[] {
  const shown: LogBatch[] = [];
  let room = mostLogLines;
  for (const batch of batches.toReversed()) {
    if (room <= 0) break;
    const lines = batch.lines.slice(-room);
    shown.unshift({ ...batch, lines });
    room -= lines.length;
  }
  return shown;
}

function itemsOf({ attempt, lines, leftOut }: LogBatch): LogItem[] {
  const items = lines.map(({ at, line }) => ({ at, attempt, line }));
  const at = lines.at(-1)?.at;
  if (leftOut === 0 || at === undefined) return items;
  return [...items, { at, attempt, line: `… ${leftOut} lines left out` }];
}

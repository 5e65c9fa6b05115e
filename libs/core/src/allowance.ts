/** How much a consumption may take in hand, asked again and again: it may change at any time, and what is in hand goes on. */
export interface Allowance {
  /** Jobs at a time in all, from 1. */
  readonly concurrency: number;
  /**
   * How many more jobs of the queue may start now; `Infinity`: as many as there are slots. Asked before jobs are taken, and for each one
   * right before its `process`, which may count it before it first waits.
   */
  room(queue: string): number;
  /** Calls whenever one of them may have changed otherwise than by the start of a job; answers with how to end that. */
  onChange(listener: () => void): () => void;
}

/** A number stands for so many jobs at a time, of any queue, for ever. */
export function allowanceOf(concurrency: number | Allowance): Allowance {
  if (typeof concurrency !== 'number') return concurrency;
  return { concurrency, room: () => Infinity, onChange: () => () => {} };
}

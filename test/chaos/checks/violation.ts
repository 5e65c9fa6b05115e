import type { Facts } from './facts.js';

/** A broken promise. */
export interface Violation {
  readonly what: string;
  /** The wish of the job that it was broken to. */
  readonly tag?: string;
}

export type Check = (facts: Facts) => readonly Violation[];

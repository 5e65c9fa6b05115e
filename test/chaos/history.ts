import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Wish } from './workload/wish.js';

/**
 * One thing that was done to the system, or that it said. A post that was `refused` has certainly not happened; one that is `unsure` may have. The
 * same `post` may be asked several times, then with the same key.
 */
export type Happening =
  | {
      readonly op: 'post';
      readonly phase: 'asked';
      readonly post: string;
      readonly key?: string;
      readonly wishes: readonly Wish[];
    }
  | {
      readonly op: 'post';
      readonly phase: 'accepted';
      readonly post: string;
      readonly ids: readonly string[];
    }
  | { readonly op: 'post'; readonly phase: 'refused' | 'unsure'; readonly post: string; readonly why: string }
  /** `cancelled`: answered that it is; `tooLate`: answered that it has ended otherwise. */
  | {
      readonly op: 'cancel';
      readonly phase: 'asked' | 'cancelled' | 'tooLate' | 'unsure';
      readonly id: string;
    }
  /** Somebody asked for the job, and was answered now. */
  | { readonly op: 'look'; readonly id: string; readonly status: string; readonly askedAt: number }
  /** A run asked for its source: seen by the server of the sources, whatever the product records. */
  | { readonly op: 'fetch'; readonly tag: string }
  /** `over`: everything is ready again, and a job that was posted after the fault has succeeded. */
  | {
      readonly op: 'fault';
      readonly phase: 'begins' | 'ends' | 'over';
      readonly fault: string;
      readonly window: number;
    }
  /** Something that must never be seen, seen on the way. */
  | { readonly op: 'wrong'; readonly what: string };

export type Line = { readonly at: number } & Happening;

/** All that happened, in order, with times in milliseconds since the epoch; also line by line in a file. */
export class History {
  readonly lines: Line[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }

  write(happening: Happening): void {
    const line = { at: Date.now(), ...happening };
    this.lines.push(line);
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

import { InvalidEnvelopeError } from './envelope.js';
import type { EventBase } from './job-event.js';
import { cutLine } from './log-lines.js';

/**
 * Lines that a handler wrote. It is no part of a job's history and changes nothing of it; late, repeated, or of a job that is gone, it does no harm:
 * `run` and `batch` name it.
 */
export type LoggedEvent = EventBase & { readonly run: string } & LoggedFacts;

export interface LoggedFacts {
  readonly kind: 'logged';
  /** Its number among those of its run, from 1. */
  readonly batch: number;
  readonly lines: readonly LogLine[];
  /** How many lines were written after these and are in no event, since they were too many. */
  readonly leftOut: number;
  /** How many lines the run had written by then, those left out included. */
  readonly total: number;
}

export interface LogLine {
  /** ISO 8601. */
  readonly at: string;
  /** Bounded, and free of control characters. */
  readonly line: string;
}

/** What an event of this kind tells, whoever sent it. @throws {InvalidEnvelopeError} */
export function loggedFacts({ run, batch, lines, leftOut, total }: Record<string, unknown>): LoggedFacts {
  if (typeof run !== 'string' || !isCount(batch) || !isCount(leftOut) || !isCount(total) || !isLines(lines))
    throw new InvalidEnvelopeError('a logged event needs run, batch, lines, leftOut and total');
  const cut = lines.map(({ at, line }) => ({ at, line: cutLine(line) }));
  return { kind: 'logged', batch, lines: cut, leftOut, total };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 2 ** 31 - 1;
}

function isLines(value: unknown): value is LogLine[] {
  return Array.isArray(value) && value.every(isLine);
}

function isLine(value: unknown): value is LogLine {
  const { at, line } = (value ?? {}) as Partial<LogLine>;
  return typeof at === 'string' && typeof line === 'string';
}

import type { End } from '../end.js';
import type { Line } from '../history.js';
import { acceptance } from './acceptance.js';
import { Facts } from './facts.js';
import { outcomes } from './outcomes.js';
import { remains } from './remains.js';
import { runs } from './runs.js';
import type { Violation } from './violation.js';

export type { Violation } from './violation.js';

/** Every broken promise in what happened and what was left. Pure. */
export function violationsIn(lines: readonly Line[], end: End): readonly Violation[] {
  const facts = new Facts(lines, end);
  return [acceptance, outcomes, runs, remains].flatMap((check) => check(facts));
}

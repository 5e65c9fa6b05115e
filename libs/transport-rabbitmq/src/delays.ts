import { type DelayStep, delaySteps } from './topology.js';

/** How a wait is made of the steps that delay queues have. */
export interface Hop {
  readonly step: DelayStep;
  /** The step is shorter than the wait: whoever receives the message then sends it on for the rest. */
  readonly more: boolean;
}

/** A wait shorter than this is none. */
export const shortestDelayMs = 25;

/** A step that is at most 20 % too short or 25 % too long serves as the whole wait: retries are jittered anyway. */
const tooShort = 0.8;
const tooLong = 1.25;

/** The next hop of a wait of `delayMs`; `undefined` when there is nothing to wait for. */
export function planHop(delayMs: number): Hop | undefined {
  if (delayMs < shortestDelayMs) return undefined;
  const whole = delaySteps.find(({ ms }) => ms >= delayMs * tooShort && ms <= delayMs * tooLong);
  if (whole) return { step: whole, more: false };
  const longest = delaySteps.findLast(({ ms }) => ms <= delayMs);
  // Between 25 and 80 ms there is no step below.
  return longest ? { step: longest, more: true } : { step: delaySteps[0]!, more: false };
}

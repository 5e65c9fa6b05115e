import type { JobMessage, Settlement } from './transport.js';

/** The message that goes on when this one is settled: as the next attempt, handed back, or as a dead letter. */
export function settledAs(
  message: JobMessage,
  settlement: Exclude<Settlement, { kind: 'complete' }>,
): JobMessage {
  const { attempt, release = message.release } = settlement;
  const known = attempt === undefined ? message : { ...message, attempt, release, suspected: 0 };
  if (settlement.kind === 'retry') return nextAttempt(known);
  return settlement.kind === 'release' ? released(known) : known;
}

/** The message of the next attempt, after this one failed. */
export function nextAttempt(message: JobMessage): JobMessage {
  return { ...message, attempt: message.attempt + 1, suspected: 0 };
}

/** The message of the same attempt, handed back. */
export function released(message: JobMessage): JobMessage {
  return { ...message, release: message.release + 1 };
}

/** Names one sending of a job, for brokers that drop a second one: the same for a re-send, another for each retry and release. */
export function sendingId(message: JobMessage): string {
  // Joined, it is one flat text: a template makes a chain of parts, which takes 130 bytes more for as long as somebody keeps it.
  return [message.id, message.attempt, message.release].join(':');
}

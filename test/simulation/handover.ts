import type { JobMessage } from '@heavylift/core';
import type { Ledger } from './ledger.js';

/** What the port says of lost holders, in one place. */

/** The message as it comes again after its holder was lost. */
export function afterLostHolder(message: JobMessage): JobMessage {
  return { ...message, suspected: message.suspected + 1 };
}

/**
 * The attempts that lost holders may have used up: those that began, or were told to, and, where an inquiry got no answer, one for each
 * holder. `told`: the attempts whose start is in the history.
 */
export function spentByLoss(ledger: Ledger, jobId: string, told: readonly number[]): readonly number[] {
  const losses = ledger.losses.filter((loss) => loss.jobId === jobId);
  const began = [...ledger.runsOf(jobId).map((run) => run.attempt), ...told];
  const blind = ledger.wasUnanswered(jobId);
  return losses.flatMap(({ attempt, suspected }) => [
    ...began.filter((one) => one >= attempt),
    ...(blind ? Array.from({ length: suspected + 1 }, (_, at) => attempt + at) : []),
  ]);
}

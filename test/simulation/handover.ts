import type { JobMessage, Transport } from '@heavylift/core';

/** What the port says of queues and of lost holders, in one place. */

/** The queues that a worker consumes, however they are given. */
export type Consumed = Parameters<Transport['consume']>[0];

/** The message as it comes again after its holder was lost. */
export function afterLostHolder(message: JobMessage): JobMessage {
  return { ...message, attempt: message.attempt + 1 };
}

/** How a worker names its one queue. */
export function only(queue: string): Consumed {
  return [queue];
}

/** The attempts that the loss of a holder may use up. */
export function spentByLoss(attempt: number): readonly number[] {
  return [attempt];
}

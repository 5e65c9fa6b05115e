import type { Channel, Message } from 'amqplib';
import type { Held, Room } from './held.js';

/** One channel, from its opening to its end. */
export interface Stint {
  readonly channel: Channel;
  readonly ended: Promise<Error>;
  /** The outcome of what is asked on the channel; rejects at its end, where amqplib may leave the question open for ever. */
  orEnd<T>(asked: Promise<T>): Promise<T>;
  /** Takes a message in hand. */
  hold(received: Message, room?: Room): Held;
  /** Gives the channel up, with all it holds; the next one follows. */
  renew(): Promise<void>;
}

export interface Watch {
  /** The most that may be in hand. */
  readonly max: number;
  readonly arrived: (held: Held) => void;
}

/** How jobs of one queue are pushed to a lane, by consumers on one channel after another. */
export interface Feed {
  /** From now on, jobs are wanted. `consume` makes it so. */
  want(watch: Watch): void;
  /** Consumes as much as is wanted and not yet consumed. `outside` so many still run here that no consumer counts. */
  consume(stint: Stint, outside: number): Promise<void>;
  /** Names the consumer on the present channel that the broker has confirmed and that nobody is about to cancel. */
  readonly consumer: string | undefined;
  /** Jobs are not wanted for now. */
  rest(stint: Stint | undefined): Promise<void>;
  /** Jobs are not wanted any more; none come once it has resolved. */
  end(stint: Stint | undefined): Promise<void>;
}

/** Ends a consumer; never rejects. One that cannot be cancelled ends with its channel. */
export async function cancel(stint: Stint, consumerTag: string): Promise<void> {
  try {
    await stint.orEnd(stint.channel.cancel(consumerTag));
  } catch {
    await stint.renew();
  }
}

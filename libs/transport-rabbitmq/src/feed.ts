import type { Delivery } from '@heavylift/core';
import type { Channel, Message } from 'amqplib';

/** A delivery in hand, and the channel it came on: only there can it be settled. */
export interface Held {
  readonly received: Message;
  readonly delivery: Delivery;
  /** Resolves, never rejects, once it may be settled. */
  readonly settleable: Promise<void>;
  /** False once the channel has ended: the broker gives, or has given, the job to another. */
  isOurs(): boolean;
  /** Settles it; without effect once it is no longer ours. */
  ack(): void;
  /** Back to its place on the queue; RabbitMQ before 4.3 counts that as an attempt. */
  requeue(): void;
  /** To be called when it is no longer in hand. */
  done(): void;
}

/** One channel, from its opening to its end. */
export interface Stint {
  readonly channel: Channel;
  readonly ended: Promise<Error>;
  /** Takes a message in hand. */
  hold(received: Message, settleable?: Promise<void>): Held;
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
  /** Consumes as much as is wanted and not yet consumed. `strays` still run here, although their channel has ended. */
  consume(stint: Stint, strays: number): Promise<void>;
  /** Jobs are not wanted for now. */
  rest(stint: Stint | undefined): Promise<void>;
  /** Jobs are not wanted any more; none come once it has resolved. */
  end(stint: Stint | undefined): Promise<void>;
}

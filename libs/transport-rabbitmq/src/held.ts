import { type Delivery, Ending, type JobMessage } from '@heavylift/core';
import type { Message } from 'amqplib';
import type { Grip } from './grip.js';

/** What a delivery takes up of a consumer's window. */
export interface Room {
  /** Resolves, never rejects, once the delivery may be settled; undefined when it may be now. */
  readonly settleable: Promise<void> | undefined;
  /** Sees to it that the settlement of the delivery brings no other job. Never rejects. */
  giveUp(): Promise<void>;
  readonly givenUp: boolean;
  /** The delivery is settled. */
  settled(): void;
}

/** Of a delivery that was asked for: it takes up nothing. */
export const noRoom: Room = {
  settleable: undefined,
  giveUp: () => Promise.resolve(),
  givenUp: false,
  settled: () => {},
};

/** A job in hand: by the delivery that brought it, or by a younger one that took its place. */
export class Held implements Delivery {
  readonly received: Message;
  readonly message: JobMessage;
  readonly #room: Room;
  readonly #first: Grip;
  readonly #moved: (held: Held) => void;
  readonly #lost = new Ending<null>();
  #grip: Grip;

  /** `moved` hears when another delivery has taken the place of the first, or could not. */
  constructor(message: JobMessage, received: Message, grip: Grip, room: Room, moved: (held: Held) => void) {
    this.received = received;
    this.message = message;
    this.#room = room;
    this.#first = grip;
    this.#moved = moved;
    this.#grip = grip;
    this.#observe(grip);
  }

  /** Its signal is made only for who asks for it. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** False once the broker gives, or has given, the job to another. */
  isOurs(): boolean {
    return this.#grip.isOurs();
  }

  /** It runs here, but no consumer of its queue counts it any more. */
  get outside(): boolean {
    return this.#room.givenUp || !this.#first.isOurs();
  }

  /** Lets it go for good; without effect once it is no longer ours. */
  async ack(): Promise<void> {
    // Asked again after each wait: what may be settled now, may not be a moment later.
    while (this.#room.settleable) await this.#room.settleable;
    this.#grip.ack();
    this.#room.settled();
  }

  async requeue(): Promise<void> {
    while (this.#room.settleable) await this.#room.settleable;
    this.#grip.requeue();
    this.#room.settled();
  }

  /** Puts a younger delivery of the same job in the place of the present one, which goes. */
  async moveTo(younger: Grip): Promise<void> {
    await this.#room.giveUp();
    while (this.#room.settleable) await this.#room.settleable;
    // Of a delivery that was lost meanwhile the broker has the job: the younger one is one too many.
    if (!this.isOurs()) younger.ack();
    else if (younger.isOurs()) this.#replaceBy(younger);
    this.#moved(this);
  }

  #replaceBy(younger: Grip): void {
    const older = this.#grip;
    this.#grip = younger;
    older.ack();
    this.#observe(younger);
  }

  #observe(grip: Grip): void {
    grip.onLost(() => {
      if (grip === this.#grip) this.#lost.end(null);
    });
  }
}

import type { Delivery, JobMessage } from '@heavylift/core';
import type { Msg } from 'nats';
import type { Lease } from './lease.js';

/** What counts the jobs that came by it and have no outcome yet. */
export interface Room {
  /** One of them has. */
  settled(): void;
}

/** Of a job that was asked for by itself. */
export const noRoom: Room = { settled: () => {} };

/** A job in hand. */
export class Held implements Delivery {
  readonly raw: Msg;
  readonly message: JobMessage;
  readonly lease: Lease<Msg>;
  readonly room: Room;

  constructor(raw: Msg, message: JobMessage, lease: Lease<Msg>, room: Room) {
    this.raw = raw;
    this.message = message;
    this.lease = lease;
    this.room = room;
  }

  /** Its signal is made only for who asks for it. */
  get lost(): AbortSignal {
    return this.lease.lost;
  }
}

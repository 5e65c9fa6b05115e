import type { NatsConnection } from 'nats';

/** A connection of the client, whose type does not tell of what is below it. */
export interface Sending extends NatsConnection {
  readonly protocol: { sendCommand(...parts: readonly Uint8Array[]): void };
}

/** Whether the client still has it under this name: then what is made here goes out by one command, without the client's own copies of it. */
export function isSending(nc: NatsConnection): nc is Sending {
  return typeof (nc as Partial<Sending>).protocol?.sendCommand === 'function';
}

import type { NatsConnection } from 'nats';
import { isSending } from './sending.js';

/**
 * Publishes the same short text, in ASCII, to each subject: by one command where the client still has it under this name. Message by message it makes three buffers of
 * each, and copies them twice, for 1 µs, not 0.1.
 */
export function publishAll(nc: NatsConnection, subjects: readonly string[], text: string): void {
  if (!isSending(nc)) return subjects.forEach((subject) => nc.publish(subject, text));
  const commands = subjects.map((subject) => `PUB ${subject} ${text.length}\r\n${text}\r\n`);
  if (commands.length > 0) nc.protocol.sendCommand(Buffer.from(commands.join(''), 'latin1'));
}

import { randomUUID } from 'node:crypto';
import type { TransportEvent } from '@heavylift/core';
import type { Msg } from 'nats';
import type { Connection } from './connection.js';
import { publish } from './publisher.js';
import { eventsStream, eventSubject, topicOf } from './streams.js';

/** Resolves once the event is stored; what was not confirmed is repeated under the same id, so it is stored once. */
export async function publishEvent(connection: Connection, topic: string, body: Uint8Array): Promise<void> {
  await publish(connection, {
    stream: eventsStream.name,
    subject: eventSubject(topic),
    body,
    id: randomUUID(),
  });
}

/** Its body is a copy: the bytes read are a view of the socket's buffer. */
export function eventOf(message: Msg): TransportEvent {
  return { topic: topicOf(message.subject), body: Buffer.from(message.data) };
}

import { decodeEvents, type PublishedEvent, type TransportEvent } from '@heavylift/core';

/** What live messages tell. Of what cannot be read the projection complains. */
export function readableEvents(messages: readonly TransportEvent[]): PublishedEvent[] {
  return messages.flatMap(({ body }) => {
    try {
      return decodeEvents(body);
    } catch {
      return [];
    }
  });
}

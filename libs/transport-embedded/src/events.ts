import type { Consumption, Listener, TransportEvent } from '@heavylift/core';
import { EventFeed } from './event-feed.js';

/** A feed for each group, kept while its members are away, and one for each live listener. */
export class EmbeddedEvents {
  readonly #groups = new Map<string, EventFeed>();
  readonly #live = new Set<EventFeed>();

  publish(event: TransportEvent): void {
    for (const feed of this.#groups.values()) feed.push(event);
    this.#publishLive(event);
  }

  /** Resolves once each group has taken the event. */
  async publishUntilTaken(event: TransportEvent): Promise<void> {
    const groups = [...this.#groups.values()];
    const taken = groups.map((feed) => new Promise<void>((resolve) => feed.push(event, resolve)));
    this.#publishLive(event);
    await Promise.all(taken);
  }

  #publishLive(event: TransportEvent): void {
    for (const feed of this.#live) feed.push(event);
  }

  subscribe(listener: Listener, group: string | undefined): Pick<Consumption, 'stop'> {
    return group === undefined ? this.#listen(listener) : this.#group(group).join(listener);
  }

  #group(name: string): EventFeed {
    const feed = this.#groups.get(name) ?? new EventFeed(`group "${name}"`, true);
    this.#groups.set(name, feed);
    return feed;
  }

  #listen(listener: Listener): Pick<Consumption, 'stop'> {
    const feed = new EventFeed('live events', false);
    const member = feed.join(listener);
    this.#live.add(feed);
    const stop = (): Promise<void> => {
      this.#live.delete(feed);
      return member.stop();
    };
    return { stop };
  }
}

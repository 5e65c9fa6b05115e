import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Consumption, Listener, Transport, TransportEvent } from '@heavylift/core';
import { createEmbeddedTransport } from '@heavylift/transport-embedded';
import { KeptLog, until as untilWithin } from '../gateway.fixtures.js';
import { LiveEvents, type LiveHearer } from './live-events.js';

/** Generous: machines differ, and only what never happens waits so long. */
const until = (what: string, holds: () => boolean): Promise<void> => untilWithin(what, holds, 25_000);

class Hearer implements LiveHearer {
  hasAudience = false;
  begun = 0;
  readonly topics: string[] = [];

  hear(events: readonly TransportEvent[]): void {
    this.topics.push(...events.map(({ topic }) => topic));
  }

  begins(): void {
    this.begun++;
  }
}

describe('live events', () => {
  let transport: Transport;
  let open: number;
  let one: Hearer;
  let two: Hearer;
  let events: LiveEvents;

  beforeEach(async () => {
    transport = createEmbeddedTransport();
    await transport.connect([]);
    open = 0;
    [one, two] = [new Hearer(), new Hearer()];
    events = new LiveEvents([one, two], new KeptLog(), 50);
  });
  afterEach(async () => {
    await events.close();
    expect(open).toBe(0);
    await transport.close();
  });

  async function subscribe(listener: Listener): Promise<Consumption> {
    const consumption = await transport.subscribe(listener);
    open++;
    return { check: () => consumption.check(), stop: () => (open--, consumption.stop()) };
  }

  function audience(hearer: Hearer, isThere: boolean): void {
    hearer.hasAudience = isThere;
    events.audienceChanged();
  }

  it('are brought once for all who have an audience, and to nobody else', async () => {
    events.open({ subscribe });
    audience(one, true);
    await until('it is told that events are heard', () => one.begun === 1);
    audience(two, true);
    await transport.publish('started.a', new Uint8Array());
    await until('both heard', () => one.topics.length === 1 && two.topics.length === 1);
    audience(two, false);
    await transport.publish('succeeded.a', new Uint8Array());
    await until('one heard', () => one.topics.length === 2);
    expect([two.topics, open, one.begun]).toEqual([['started.a'], 1, 1]);
  });

  it('are given up a while after the last one left, and brought again for the next', async () => {
    events.open({ subscribe });
    expect(open).toBe(0);
    audience(one, true);
    await until('events are heard', () => open === 1);
    audience(one, false);
    await until('they are given up', () => open === 0);
    audience(two, true);
    await until('events are heard again', () => open === 1);
  });

  it('stay for one who comes back soon', async () => {
    events.open({ subscribe });
    audience(one, true);
    await until('events are heard', () => one.begun === 1);
    for (let turn = 0; turn < 20; turn++) {
      audience(one, false);
      audience(one, true);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect([open, one.begun]).toEqual([1, 1]);
  });

  it('are brought as soon as the broker is there to an audience that came before', async () => {
    audience(one, true);
    expect(open).toBe(0);
    events.open({ subscribe });
    await until('events are heard', () => open === 1);
  });
});

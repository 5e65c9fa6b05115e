import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { KeptLog, until as untilWithin } from '../gateway.fixtures.js';
import { LiveFeed } from './live-feed.js';
import { type LiveMessage, type LiveTopic, liveTopics } from './live-message.js';
import type { Look } from './look.js';

/** Generous: machines differ, and only what never happens waits so long. */
const until = (what: string, holds: () => boolean): Promise<void> => untilWithin(what, holds, 25_000);

/** What would be seen now, how often somebody looked, and what fails. */
const seen: { queues: unknown; looks: number; failure: Error | undefined } = {
  queues: 1,
  looks: 0,
  failure: undefined,
};

async function lookAtQueues(): Promise<unknown> {
  seen.looks++;
  if (seen.failure) throw seen.failure;
  return seen.queues;
}

let log: KeptLog;
let feed: LiveFeed;
const unchanging: Look = { everyMs: 3_600_000, look: async () => 'the same' };
function open(queues: Look, workers: Look = unchanging): void {
  [log, seen.queues, seen.looks, seen.failure] = [new KeptLog(), 1, 0, undefined];
  const others = Object.fromEntries(liveTopics.map((topic) => [topic, unchanging])) as Record<
    LiveTopic,
    Look
  >;
  const looks = { ...others, queues, workers };
  feed = new LiveFeed({ store: { getAll: async () => [] }, looks, logger: log });
}
afterEach(() => feed.close());

/** What one who listens was told of the queues. */
function listen(): { readonly told: unknown[]; readonly leave: () => void } {
  const told: unknown[] = [];
  const leave = feed.listen(({ event, data }: LiveMessage) => event === 'queues' && told.push(data));
  return { told, leave };
}

describe('the live feed', () => {
  it('looks for nobody, and once for all', async () => {
    open({ everyMs: 3_600_000, look: lookAtQueues });
    feed.lookAt('queues');
    expect(seen.looks).toBe(0);
    const all = Array.from({ length: 20 }, listen);
    await until('all know', () => all.every(({ told }) => told.length === 1));
    expect(seen.looks).toBe(1);
    for (const { leave } of all) leave();
    feed.lookAt('queues');
    expect(seen.looks).toBe(1);
  });

  it('tells what is then to who comes after a time without listeners', async () => {
    open({ everyMs: 3_600_000, look: lookAtQueues });
    const first = listen();
    await until('it is told', () => first.told.length === 1);
    first.leave();
    seen.queues = 2;
    const second = listen();
    await until('it is told', () => second.told.length === 1);
    expect([first.told, second.told]).toEqual([[1], [2]]);
  });

  it('tells a change that came while it looked', async () => {
    let finish = (): void => {};
    const slow = async (): Promise<unknown> => {
      const now = await lookAtQueues();
      await new Promise<void>((resolve) => (finish = resolve));
      return now;
    };
    open({ everyMs: 3_600_000, look: slow });
    const { told } = listen();
    await until('it looks', () => seen.looks === 1);
    seen.queues = 2;
    feed.lookAt('queues');
    finish();
    await until('it looks again', () => seen.looks === 2);
    finish();
    await until('both are told', () => told.length === 2);
    expect(told).toEqual([1, 2]);
  });

  it('looks more seldom where a look takes long', async () => {
    const slow = async (): Promise<unknown> => {
      await sleep(20);
      return lookAtQueues();
    };
    let others = 0;
    open({ everyMs: 1, mostOfTime: 1e-5, look: slow }, { everyMs: 1, look: async () => others++ });
    const { told } = listen();
    await until('another was looked at again and again', () => told.length > 0 && others > 3);
    expect(seen.looks).toBe(1);
    feed.lookAt('queues');
    await until('it is looked at when asked for', () => seen.looks === 2);
  });

  it('says once in its log that it cannot look, and tells what is when it can again', async () => {
    open({ everyMs: 1, look: lookAtQueues });
    seen.failure = new Error('the database is away');
    const { told } = listen();
    await until('it failed three times', () => seen.looks >= 3);
    expect([told, log.at('warn').length]).toEqual([[], 1]);
    seen.failure = undefined;
    await until('it is told', () => told.length === 1);
  });

  it('does not lose jobs that it could not read', async () => {
    open(unchanging);
    feed.close();
    let isAway = true;
    const asked: (readonly string[])[] = [];
    const getAll = async (ids: readonly string[]): Promise<[]> => {
      asked.push(ids);
      if (isAway) throw new Error('the database is away');
      return [];
    };
    const looks = Object.fromEntries(liveTopics.map((topic) => [topic, unchanging])) as never;
    feed = new LiveFeed({ store: { getAll }, looks, logger: log });
    const told: LiveMessage[] = [];
    feed.listen((message) => message.event === 'jobs' && told.push(message));
    feed.changed(['a']);
    await until('it was asked', () => asked.length === 1);
    isAway = false;
    await until('it is told', () => told.length === 1);
    expect(asked).toEqual([['a'], ['a']]);
  });
});

import { encodeEvent, eventTopic, type JobEvent } from '@heavylift/core';
import { waitUntil } from '@heavylift/test-servers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { event, newJob } from '../store/job-store.fixtures.js';
import { type JobStore, type NewJob, openJobStore, type Place } from '../store/index.js';
import { JobFollowers } from './job-followers.js';

const patience = { timeoutMs: 30_000, everyMs: 10 };
const succeeded = { kind: 'succeeded', result: {}, assets: [] } as const;

describe('those who follow jobs', () => {
  let store: JobStore;
  let looks: number;
  let followers: JobFollowers;
  let left: (() => void)[];

  beforeEach(async () => {
    store = await openJobStore('sqlite::memory:');
    looks = 0;
    left = [];
    followers = new JobFollowers({
      news: (places) => (looks++, store.news(places)),
      expiredAt: (id) => store.expiredAt(id),
    });
  });
  afterEach(async () => {
    for (const leave of left) leave();
    await store.close();
  });

  async function accepted(count: number): Promise<NewJob[]> {
    const jobs = Array.from({ length: count }, () => newJob());
    await store.accept(jobs);
    return jobs;
  }

  /** What somebody hears, as it comes; resolves at the end of the job. */
  async function listen({ jobId, after }: Place, heard: string[]): Promise<void> {
    const follower = followers.follow({ jobId, after });
    left.push(() => follower.leave());
    for (let news = await follower.next(); news; news = await follower.next()) {
      heard.push(...news.events.map(({ seq, kind }) => `${seq} ${kind}`));
      if (news.job?.finishedAt) return follower.leave();
    }
  }

  async function record(events: readonly JobEvent[]): Promise<void> {
    followers.changed((await store.project(events)).changed);
  }

  it('hear each event once and in order, however many follow how many jobs, by few looks at the store', async () => {
    const jobs = await accepted(100);
    const hearing = jobs.flatMap((job) =>
      [0, 0, 1].map((after) => ({ jobId: job.id, after, heard: [] as string[] })),
    );
    const all = Promise.all(hearing.map((one) => listen(one, one.heard)));
    await record(jobs.map((job) => event(job, { kind: 'started' })));
    await record(jobs.map((job) => event(job, { kind: 'progressed', progress: { percent: 50 } })));
    await record(jobs.map((job) => event(job, succeeded)));
    await all;
    const told = ['1 queued', '2 started', '3 progressed', '4 succeeded'];
    for (const { after, heard } of hearing) expect(heard).toEqual(told.slice(after));
    // One for each of 300 who hear three things would be 900; those of every second come on top.
    expect(looks).toBeLessThan(300);
  });

  it('hear a long history whole, in parts, beside one who has heard most of it', async () => {
    const [job] = (await accepted(1)) as [NewJob];
    const progress = Array.from({ length: 450 }, (_, i) => i / 5);
    const told = progress.map((percent) => event(job, { kind: 'progressed', progress: { percent } }));
    await record([event(job, { kind: 'started' }), ...told, event(job, succeeded)]);
    const [first, second]: [string[], string[]] = [[], []];
    await Promise.all([
      listen({ jobId: job.id, after: 0 }, first),
      listen({ jobId: job.id, after: 430 }, second),
    ]);
    expect(first).toHaveLength(453);
    expect(first.slice(430)).toEqual(second);
  });

  it('hear what another gateway records, whether or not its live event comes here', async () => {
    const [silent, told] = (await accepted(2)) as [NewJob, NewJob];
    const heard = { silent: [] as string[], told: [] as string[] };
    const both = Promise.all([
      listen({ jobId: silent.id, after: 0 }, heard.silent),
      listen({ jobId: told.id, after: 0 }, heard.told),
    ]);
    await waitUntil('both listen', async () => heard.silent.length + heard.told.length === 2, patience);
    const events = [silent, told].map((job) => event(job, succeeded));
    followers.hear([{ topic: eventTopic(events[1]!), body: encodeEvent(events[1]!) }]);
    followers.hear([{ topic: 'nonsense', body: new Uint8Array([1]) }]);
    await store.project(events);
    await both;
    expect(heard).toEqual({ silent: ['1 queued', '2 succeeded'], told: ['1 queued', '2 succeeded'] });
  });

  it('are told when there is no such job, and when the store cannot be asked', async () => {
    const [job] = (await accepted(1)) as [NewJob];
    for (const jobId of ['none', 'no\0text']) {
      const refused = followers.follow({ jobId, after: 0 });
      left.push(() => refused.leave());
      await expect(refused.next()).rejects.toMatchObject({ status: 404 });
    }
    const follower = followers.follow({ jobId: job.id, after: 0 });
    left.push(() => follower.leave());
    expect((await follower.next())?.events).toHaveLength(1);
    await store.close();
    const next = follower.next();
    followers.changed([job.id]);
    await expect(next).rejects.toThrow(/cannot be used now/);
    follower.leave();
    expect(await follower.next()).toBeUndefined();
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GroupCommit } from './group-commit.js';
import { newJob } from './job-store.fixtures.js';
import type { JobStore, NewJob } from './job-store.js';
import { openJobStore } from './open-job-store.js';
import { StoreUnavailableError } from './store-unavailable-error.js';

describe('a group commit', () => {
  let store: JobStore;
  let commits: number[];
  let group: GroupCommit;

  beforeEach(async () => {
    store = await openJobStore('sqlite::memory:');
    commits = [];
    group = new GroupCommit({ accept: counting }, 100);
  });
  afterEach(() => store.close());

  function counting(jobs: readonly NewJob[]): Promise<void> {
    commits.push(jobs.length);
    return store.accept(jobs);
  }

  it('stores the jobs of many callers in few commits', async () => {
    const jobs = Array.from({ length: 250 }, () => newJob());
    await Promise.all(jobs.map((job) => group.accept([job])));
    expect(commits).toEqual([100, 100, 50]);
    expect((await store.counts()).queued).toBe(250);
  });

  it('resolves a call only when its jobs are stored', async () => {
    const job = newJob();
    await group.accept([job]);
    expect(await store.get(job.id)).toBeDefined();
  });

  it('takes a call that is larger than a group, alone', async () => {
    const large = Array.from({ length: 300 }, () => newJob());
    await Promise.all([group.accept([newJob()]), group.accept(large), group.accept([newJob()])]);
    expect(commits).toEqual([1, 300, 1]);
  });

  it('refuses only the call whose jobs cannot be stored, whole', async () => {
    const [good, half, bad, other] = [
      newJob(),
      newJob(),
      newJob({ version: null as never }),
      newJob(),
    ] as const;
    const outcomes = await Promise.allSettled([
      group.accept([good]),
      group.accept([half, bad]),
      group.accept([other]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.get(half.id)).toBeUndefined();
    expect(await store.get(other.id)).toBeDefined();
  });

  it('tells every caller when the store is away, without asking again for each', async () => {
    await store.close();
    const outcomes = await Promise.allSettled([group.accept([newJob()]), group.accept([newJob()])]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: expect.any(StoreUnavailableError),
      });
    expect(commits).toHaveLength(1);
  });

  it('is closed when nobody waits any more', async () => {
    const jobs = Array.from({ length: 150 }, () => newJob());
    const accepted = Promise.all(jobs.map((job) => group.accept([job])));
    await group.close();
    expect((await store.counts()).queued).toBe(150);
    await accepted;
  });
});

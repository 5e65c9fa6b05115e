import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GroupCommit, type Sender } from './group-commit.js';
import { newJob } from './job-store.fixtures.js';
import type { JobStore } from './job-store.js';
import { openJobStore } from './open-job-store.js';
import type { Hold } from './outbox.js';
import { StoreUnavailableError } from './store-unavailable-error.js';

describe('a group commit', () => {
  let store: JobStore;
  let commits: number[];
  let group: GroupCommit;
  let told: { readonly ids: readonly string[]; readonly hold: Hold | undefined }[];

  const held: Hold = { keeper: 'k', leaseMs: 60_000 };
  const sender: Sender = {
    hold: (jobs) => (jobs > 10 ? undefined : held),
    accepted: (jobs, hold) => void told.push({ ids: jobs.map(({ id }) => id), hold }),
  };

  beforeEach(async () => {
    store = await openJobStore('sqlite::memory:');
    commits = [];
    told = [];
    group = new GroupCommit({ accept: counting }, { sender, mostJobs: 100 });
  });
  afterEach(() => store.close());

  function counting(...accepting: Parameters<JobStore['accept']>): Promise<void> {
    commits.push(accepting[0].length);
    return store.accept(...accepting);
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

  it('hands what is stored to who sends it, under the hold under which it is stored', async () => {
    const [job, many] = [newJob(), Array.from({ length: 11 }, () => newJob())];
    await group.accept([job]);
    await group.accept(many);
    expect(told).toEqual([
      { ids: [job.id], hold: held },
      { ids: many.map(({ id }) => id), hold: undefined },
    ]);
    const free = await store.takeUndispatched('k', 100, 1_000);
    expect(new Set(free.map((one) => one.job.id))).toEqual(new Set(many.map(({ id }) => id)));
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

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeadLetter, ErrorFacts, EventFacts, JobEvent } from '@heavylift/core';
import { event, newJob } from '../store/job-store.fixtures.js';
import type { JobStore, NewJob } from '../store/job-store.js';
import { openJobStore } from '../store/open-job-store.js';
import { GivenUpJobs } from './given-up-jobs.js';

const error: ErrorFacts = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };
const retrying = { kind: 'retrying', error, nextAttemptAt: '2030-01-01T00:00:00.000Z' } as const;

describe('jobs that the broker gave up on', () => {
  let store: JobStore;
  let job: NewJob;
  let ended: string[];
  let givenUp: GivenUpJobs;

  beforeEach(async () => {
    store = await openJobStore('sqlite::memory:');
    job = newJob();
    ended = [];
    await store.accept([job]);
    givenUp = new GivenUpJobs({
      store,
      record: (events) => store.project(events),
      tellOverrun: async (jobIds) => void ended.push(...jobIds),
    });
  });
  afterEach(() => store.close());

  const happens = (...all: (EventFacts & Partial<JobEvent>)[]): Promise<unknown> =>
    store.project(all.map((facts) => event(job, facts)));

  function letter(message: Partial<DeadLetter['message']> = {}): DeadLetter {
    const facts = { queue: job.type, type: '', attempt: 1, suspected: 0, release: 0, headers: {} };
    return {
      message: { id: job.id, ...facts, body: Buffer.from('{}'), ...message },
      reason: 'broker.expired',
      at: new Date().toISOString(),
    };
  }

  const statusAfter = async (lost: DeadLetter): Promise<string | undefined> => {
    await givenUp.end(lost);
    return (await store.get(job.id))?.status;
  };

  it('have failed, and say why', async () => {
    await givenUp.end(letter());
    expect(await store.get(job.id)).toMatchObject({
      status: 'failed',
      error: {
        code: 'broker.expired',
        message: expect.stringContaining('older than a policy'),
        retryable: false,
      },
    });
    expect(ended).toEqual([job.id]);
  });

  it('have failed while they ran, also as a later attempt than their message says', async () => {
    await happens({ kind: 'started' }, { kind: 'started', attempt: 2, run: 'run-2' });
    expect(await statusAfter(letter())).toBe('failed');
    expect(await store.get(job.id)).toMatchObject({ attempt: 2 });
  });

  it('keep the end that they have', async () => {
    await happens({ kind: 'started' }, { kind: 'succeeded', result: {}, assets: [] });
    expect(await statusAfter(letter())).toBe('succeeded');
    await givenUp.end(letter());
    expect((await store.history(job.id)).filter(({ kind }) => kind === 'failed')).toEqual([]);
  });

  it('may be none of ours', async () => {
    await givenUp.end(letter({ id: 'unnamed-1' }));
    expect(await store.get('unnamed-1')).toBeUndefined();
  });

  it.each<[string, EventFacts & Partial<JobEvent>, Partial<DeadLetter['message']>]>([
    ['a retry', retrying, { attempt: 2 }],
    ['a release', { kind: 'released', reason: 'drain' }, { release: 1 }],
  ])('go on with the message of %s, and end with that', async (_, happening, later) => {
    await happens({ kind: 'started' }, happening);
    const before = (await store.get(job.id))!.status;
    expect(await statusAfter(letter())).toBe(before);
    expect(await statusAfter(letter(later))).toBe('failed');
  });

  it('go on once they are redriven, and end with that message', async () => {
    await happens({ kind: 'started' }, { kind: 'failed', error });
    await happens({ kind: 'redriven', maxAttempts: 3 });
    expect(await statusAfter(letter())).toBe('queued');
    await happens({ kind: 'started', attempt: 2, run: 'run-2' });
    expect(await statusAfter(letter({ attempt: 2 }))).toBe('failed');
  });
});

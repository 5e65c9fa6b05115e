import { describe, expect, it } from '@jest/globals';
import type { FinalJob } from '../end.js';
import type { Happening, Line } from '../history.js';
import { violationsIn } from './index.js';
import { at, type Run, soundRun, told } from './sound-run.fixtures.js';

function foundIn({ lines, end }: Run): string[] {
  return violationsIn(lines, end).map(({ tag, what }) => (tag ? `${tag} ${what}` : what));
}

/** The sound run with one of its jobs changed. */
function withJob(tag: string, change: (job: FinalJob) => Partial<FinalJob>): Run {
  const run = soundRun();
  const jobs = run.end.jobs.map((job) => (job.tag === tag ? { ...job, ...change(job) } : job));
  return { ...run, end: { ...run.end, jobs } };
}

/** The sound run with more that happened. */
function withLines(...more: readonly (Happening & { readonly seconds: number })[]): Run {
  const run = soundRun();
  const lines = more.map(({ seconds, ...happening }): Line => ({ at: at(seconds), ...happening }));
  return { ...run, lines: [...run.lines, ...lines].sort((a, b) => a.at - b.at) };
}

function withEnd(change: Partial<Run['end']>): Run {
  const run = soundRun();
  return { ...run, end: { ...run.end, ...change } };
}

const failedAs =
  (code: string) =>
  ({ history }: FinalJob): Partial<FinalJob> => ({
    status: 'failed',
    error: { code },
    history: [...history.slice(0, -1), told('failed', at(4))],
  });

const broken: Readonly<Record<string, readonly [Run, string]>> = {
  'an accepted job that is gone': [
    withEnd({ jobs: soundRun().end.jobs.filter(({ tag }) => tag !== 'good') }),
    'good job job-good of good was accepted in good and is gone',
  ],
  'a job that nobody posted': [
    withEnd({ jobs: [...soundRun().end.jobs, { ...soundRun().end.jobs[0]!, id: 'job-x', tag: 'x' }] }),
    'x job job-x is there, and nobody posted it',
  ],
  'a key that made two jobs': [
    withEnd({ jobs: [...soundRun().end.jobs, { ...soundRun().end.jobs[0]!, id: 'job-x' }] }),
    'good good became 2 jobs, with one key',
  ],
  'a key that was answered with two jobs': [
    withLines({ seconds: 7, op: 'post', phase: 'accepted', post: 'good', ids: ['job-other'] }),
    'good good was answered with different jobs: job-good / job-other',
  ],
  'half a batch': [
    withEnd({ jobs: soundRun().end.jobs.filter(({ tag }) => tag !== 'two') }),
    'one pair is there in part: 1 of 2 are missing',
  ],
  'a job that has no end': [
    withJob('good', ({ history }) => ({
      status: 'running',
      finishedAt: null,
      history: history.slice(0, -1),
    })),
    'good is still running',
  ],
  'a job that succeeded twice': [
    withJob('good', ({ history }) => ({ history: [...history, told('succeeded', at(5))] })),
    'good is succeeded, and its history ends with succeeded, succeeded',
  ],
  'a job that changed after its end': [
    withLines({ seconds: 7, op: 'look', id: 'job-good', status: 'running', askedAt: at(7) }),
    'good was seen as succeeded, and as running later',
  ],
  'a result without its file': [
    withJob('good', () => ({ wrongFile: 'asset a is answered 404' })),
    'good asset a is answered 404',
  ],
  'a good job that failed': [
    withJob('good', failedAs('source.broken')),
    'good failed with source.broken, not with nothing',
  ],
  'a good job that was lost without enough faults': [
    withJob('good', failedAs('worker.lost')),
    'good failed with worker.lost after 0 faults, with 3 attempts',
  ],
  'a bad job that succeeded': [
    withJob('bad', ({ history }) => ({
      status: 'succeeded',
      history: [...history.slice(0, -1), told('succeeded', at(4))],
    })),
    'bad succeeded, and should fail with source.not_found',
  ],
  'a bad job that is no dead letter': [withEnd({ deadLetters: [] }), 'bad failed, and is no dead letter'],
  'a good job that is a dead letter': [
    withEnd({ deadLetters: ['job-bad', 'job-good'] }),
    'good succeeded, and is a dead letter',
  ],
  'a cancelled job that ran': [
    withLines({ seconds: 10, op: 'fetch', tag: 'gone' }),
    'gone began 5000 ms after it was cancelled',
  ],
  'a cancelled job that succeeded': [
    withJob('gone', ({ history }) => ({
      status: 'succeeded',
      history: [...history.slice(0, -1), told('succeeded', at(6))],
    })),
    'gone was cancelled, as it was answered, and is succeeded',
  ],
  'a job that is cancelled by itself': [
    withJob('good', ({ history }) => ({
      status: 'cancelled',
      history: [...history.slice(0, -1), told('cancelled', at(4))],
    })),
    'good is cancelled, and nobody asked for it',
  ],
  'needless second runs': [
    withLines(...['good', 'one', 'two'].map((tag) => ({ seconds: 3.5, op: 'fetch', tag }) as const)),
    'good ran 2 times, and ended in attempt 1, though there was no fault',
  ],
  'needless second attempts': [
    withEnd({ jobs: soundRun().end.jobs.map((job) => ({ ...job, attempt: 2 })) }),
    'good ran 1 times, and ended in attempt 2, though there was no fault',
  ],
  'an attempt too many': [
    withJob('good', ({ history }) => ({ history: [told('started', at(3), 4), ...history] })),
    'good began attempt 4 of 3',
  ],
  'a delayed job that began early': [
    withLines({ seconds: 2, op: 'fetch', tag: 'late' }),
    'late began 950 ms before it was due',
  ],
  'messages that are left': [withEnd({ left: { 'image.resize': 2 } }), '2 messages are left in image.resize'],
  'a process that complained': [
    withEnd({ complaints: ['gateway-1: ended by itself, with 1'] }),
    'gateway-1: ended by itself, with 1',
  ],
  'a process that grew': [withEnd({ peakMiB: { gateway: 2_000 } }), 'gateway took 2000 MiB'],
  'an answer that should not be': [
    withLines({ seconds: 9, op: 'wrong', what: 'POST /v1/jobs: 500' }),
    'POST /v1/jobs: 500',
  ],
};

describe('the checks', () => {
  it('find nothing in a run in which nothing is broken', () => {
    expect(foundIn(soundRun())).toEqual([]);
  });

  it.each(Object.entries(broken))('find %s', (_, [run, what]) => {
    expect(foundIn(run)).toContain(what);
  });

  it('excuse by a fault what only a fault excuses', () => {
    const run = withLines({ seconds: 25, op: 'fetch', tag: 'gone' });
    expect(foundIn(run)).toEqual([]);
  });

  it('excuse an answer that was on its way when the job ended', () => {
    const run = withLines({ seconds: 7, op: 'look', id: 'job-good', status: 'running', askedAt: at(5) });
    expect(foundIn(run)).toEqual([]);
  });

  it('count no event that came after the end', () => {
    const late = { ...told('succeeded', at(5)), late: true };
    expect(foundIn(withJob('good', ({ history }) => ({ history: [...history, late] })))).toEqual([]);
  });
});

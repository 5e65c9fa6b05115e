import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold, isFinal, type JobState, nextSending } from './fold.js';
import type { EventFacts, JobEvent } from './job-event.js';

const initial: JobState = {
  status: 'scheduled',
  attempt: 0,
  release: 0,
  rank: -1,
  maxAttempts: 5,
  progress: { percent: 0 },
  assets: [],
};
const error = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };
const asset = { id: 'a', filename: 'a.mp4', mediaType: 'video/mp4', bytes: 1, sha256: '00' };

let lastId = 0;

function event(attempt: number, release: number, facts: EventFacts, run = `${attempt}.${release}`): JobEvent {
  const id = `e${++lastId}`;
  return { id, jobId: 'j', jobType: 'a.b', attempt, release, at: `at ${id}`, worker: 'w', run, ...facts };
}

type Run = 'released' | 'retrying' | 'died';
type End = 'succeeded' | 'failed' | 'cancelled' | 'none';

const queued = event(0, 0, { kind: 'queued' });
const ends: Readonly<Record<Exclude<End, 'none'>, EventFacts>> = {
  succeeded: { kind: 'succeeded', result: { ok: true }, assets: [asset] },
  failed: { kind: 'failed', error: { ...error, message: 'the last' } },
  cancelled: { kind: 'cancelled' },
};

/** What can happen to one job: some runs that come to nothing, then one that ends it, or is still on. */
function historyOf(runs: readonly Run[], percents: readonly number[], end: End): JobEvent[] {
  const events = [queued];
  let [attempt, release] = [1, 0];
  const begin = (): void => {
    events.push(event(attempt, release, { kind: 'started' }));
    for (const percent of percents)
      events.push(event(attempt, release, { kind: 'progressed', progress: { percent } }));
  };
  for (const run of runs) {
    begin();
    if (run === 'released') events.push(event(attempt, release++, { kind: 'released', reason: 'drain' }));
    if (run === 'retrying')
      events.push(event(attempt, release, { kind: 'retrying', error, nextAttemptAt: 'later' }));
    if (run !== 'released') attempt++;
  }
  begin();
  if (end !== 'none') events.push(event(attempt, release, ends[end]));
  return events;
}

const runs = fc.array(fc.constantFrom<Run>('released', 'retrying', 'died'), { maxLength: 4 });
const percents = fc
  .uniqueArray(fc.integer({ min: 0, max: 100 }), { maxLength: 3 })
  .map((all) => all.sort((a, b) => a - b));
const end = fc.constantFrom<End>('succeeded', 'failed', 'cancelled', 'none');

/** A history in order, and the same events in any order, some of them several times. */
const histories = fc
  .tuple(runs, percents, end)
  .map(([lived, steps, last]) => historyOf(lived, steps, last))
  .chain((events) =>
    fc
      .array(fc.constantFrom(...events), { maxLength: 10 })
      .chain((copies) => {
        const all = [...events, ...copies];
        return fc.shuffledSubarray(all, { minLength: all.length });
      })
      .map((shuffled) => ({ events, shuffled })),
  );

const foldAll = (events: readonly JobEvent[]): JobState => events.reduce(fold, initial);

/** What a job came to. The moments of steps that were overtaken are not part of it. */
function outcomeOf(state: JobState) {
  const { status, attempt, release, rank, result, assets, finishedAt, worker, run } = state;
  const reason = status === 'failed' ? state.error : undefined;
  return { status, attempt, release, rank, result, assets, finishedAt, worker, run, reason };
}

describe('the fold of a job’s events', () => {
  it('comes to the same end in whatever order the events come, and however often', () => {
    fc.assert(
      fc.property(histories, ({ events, shuffled }) => {
        expect(outcomeOf(foldAll(shuffled))).toEqual(outcomeOf(foldAll(events)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('never leaves a final status, and takes no event twice', () => {
    fc.assert(
      fc.property(histories, ({ shuffled }) => {
        let state = initial;
        for (const one of shuffled) {
          const next = fold(state, one);
          if (isFinal(state.status)) expect(next).toBe(state);
          if (one.kind !== 'progressed') expect(fold(next, one)).toBe(next);
          state = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never shows less progress than before within a run', () => {
    fc.assert(
      fc.property(histories, ({ shuffled }) => {
        let state = initial;
        for (const one of shuffled) {
          const next = fold(state, one);
          if (next.run === state.run && next.status === 'running' && state.status === 'running')
            expect(next.progress.percent).toBeGreaterThanOrEqual(state.progress.percent);
          state = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('knows when the percent of the run last grew', () => {
    const told = (percent: number, at: string): JobEvent => ({
      ...event(1, 0, { kind: 'progressed', progress: { percent } }),
      at,
    });
    const running = foldAll([queued, event(1, 0, { kind: 'started' })]);
    expect(running.progressedAt).toBeUndefined();
    const grown = fold(running, told(5, 'then'));
    expect(fold(grown, told(5, 'later'))).toMatchObject({ progressedAt: 'then' });
    expect(fold(grown, event(1, 1, { kind: 'started' })).progressedAt).toBeUndefined();
  });

  it('takes the success of an earlier attempt while a later one runs', () => {
    const state = foldAll([queued, event(1, 0, { kind: 'started' }), event(2, 0, { kind: 'started' })]);
    expect(fold(state, event(1, 0, ends.succeeded))).toMatchObject({ status: 'succeeded', attempt: 1 });
  });

  it('lets an earlier attempt’s failure pass while a later one runs', () => {
    const state = foldAll([queued, event(2, 0, { kind: 'started' })]);
    expect(fold(state, event(1, 0, ends.failed))).toBe(state);
  });

  it('lets only a redrive lead out of a final status, with more attempts', () => {
    const failed = foldAll([queued, event(3, 0, ends.failed)]);
    const redriven = fold(failed, event(3, 0, { kind: 'redriven', maxAttempts: 6 }));
    expect(redriven).toMatchObject({ status: 'queued', maxAttempts: 6 });
    expect(redriven.error).toBeUndefined();
    expect(fold(redriven, event(4, 0, { kind: 'cancelled' }))).toMatchObject({ status: 'cancelled' });
    expect(fold(redriven, event(4, 0, { kind: 'started' }))).toMatchObject({ status: 'running', attempt: 4 });
    const succeeded = foldAll([queued, event(1, 0, ends.succeeded)]);
    expect(fold(succeeded, event(1, 0, { kind: 'redriven', maxAttempts: 6 }))).toBe(succeeded);
  });
});

describe('the next sending of a job', () => {
  it('starts a run whose events are later than all that was folded', () => {
    fc.assert(
      fc.property(histories, fc.nat(), ({ shuffled }, cut) => {
        const state = foldAll(shuffled.slice(0, cut % shuffled.length));
        if (isFinal(state.status)) return;
        const { attempt, release } = nextSending(state);
        expect(fold(state, event(attempt, release, { kind: 'started' }, 'new'))).toMatchObject({
          run: 'new',
        });
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, readonly JobEvent[], number, number]>([
    ['is the first attempt of a new job', [], 1, 0],
    ['is the first attempt of a queued job', [queued], 1, 0],
    ['is the same attempt of a released job', [event(2, 1, { kind: 'released', reason: 'drain' })], 2, 2],
    ['is the next attempt of a job that ran', [event(2, 1, { kind: 'started' })], 3, 1],
    [
      'is the next attempt of a job that waits for it',
      [event(2, 0, { kind: 'retrying', error, nextAttemptAt: '' })],
      3,
      0,
    ],
    [
      'is the next attempt of a redriven job',
      [event(3, 0, ends.failed), event(3, 0, { kind: 'redriven', maxAttempts: 6 })],
      4,
      0,
    ],
  ])('%s', (_, events, attempt, release) => {
    expect(nextSending(foldAll(events))).toEqual({ attempt, release });
  });
});

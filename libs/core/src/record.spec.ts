import { describe, expect, it } from '@jest/globals';
import { fold, type JobState } from './fold.js';
import type { EventFacts, JobEvent } from './job-event.js';
import { record, type RecordedEvent } from './record.js';

const initial: JobState = {
  status: 'queued',
  attempt: 0,
  release: 0,
  rank: 0,
  maxAttempts: 5,
  progress: { percent: 0 },
  assets: [],
};
const error = { name: 'Error', code: 'handler.failed', message: 'no luck', retryable: true };
const started: EventFacts = { kind: 'started' };
const succeeded: EventFacts = { kind: 'succeeded', result: { ok: true }, assets: [] };
const failed: EventFacts = { kind: 'failed', error };
const retrying: EventFacts = { kind: 'retrying', error, nextAttemptAt: '' };
const released: EventFacts = { kind: 'released', reason: 'drain' };
const cancelled: EventFacts = { kind: 'cancelled' };

let lastId = 0;

/** `run`: null for what a gateway says. */
function event(attempt: number, facts: EventFacts, run: string | null = `run-${attempt}`): JobEvent {
  const id = `e${++lastId}`;
  const by = run === null ? {} : { worker: 'w', run };
  return { id, jobId: 'j', jobType: 'a.b', attempt, release: 0, at: `at ${id}`, ...by, ...facts };
}

function after(...events: readonly JobEvent[]): JobState {
  return events.reduce((state, one) => record(state, one)?.state ?? state, initial);
}

const running = after(event(1, started), event(2, started));
const ended = after(event(2, started), event(2, succeeded));
const stopped = after(event(1, started), event(1, cancelled, null));

describe('the record of a job', () => {
  it('takes an event that changes the job as it is', () => {
    const one = event(3, started);
    expect(record(running, one)).toEqual({ state: fold(running, one), event: one });
  });

  it.each<[string, JobState, JobEvent]>([
    ['the failure of an attempt while a later one runs', running, event(1, retrying)],
    ['the last failure of an attempt while a later one runs', running, event(1, failed)],
    ['the release of an attempt while a later one runs', running, event(1, released)],
    ['a second success', ended, event(3, succeeded)],
    ['a success of an earlier attempt after the end', ended, event(1, succeeded)],
    ['a failure after the success', ended, event(3, failed)],
    ['the stop of one more run after the success', ended, event(3, cancelled)],
    ['a success of a cancelled job', stopped, event(1, succeeded)],
  ])('keeps as late %s', (_, state, one) => {
    const recorded = record(state, one)!;
    expect(recorded.event).toEqual({ ...one, late: true });
    expect(recorded.state).toEqual({ ...state, late: 1 });
  });

  it.each<[string, JobState, JobEvent]>([
    ['the start of the run that ended it', ended, event(2, started)],
    ['the start of an earlier run', running, event(1, started)],
    ['the start of an earlier run after the end', ended, event(1, started)],
    ['progress of an earlier run', running, event(1, { kind: 'progressed', progress: { percent: 5 } })],
  ])('keeps %s, come late, as nothing special', (_, state, one) => {
    expect(record(state, one)).toEqual({ state, event: one });
  });

  it.each<[string, JobState, JobEvent]>([
    ['the start of a run after the end', ended, event(3, started)],
    ['the start of a second run of the attempt that ended it', ended, event(2, started, 'other')],
    ['that a cancelled run has stopped', stopped, event(1, cancelled)],
    ['a cancel that came too late', ended, event(2, cancelled, null)],
    ['a cancel of a job that moved on', running, event(1, cancelled, null)],
  ])('does not keep %s', (_, state, one) => {
    expect(record(state, one)).toBeUndefined();
  });

  it('lets the late success of an attempt win while the job has not ended', () => {
    const recorded = record(running, event(1, succeeded))!;
    expect(recorded.state).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(recorded.event).not.toHaveProperty('late');
  });

  it('keeps a handful of late outcomes', () => {
    const outcomes = Array.from({ length: 20 }, (_, at) => event(at + 3, failed, `more-${at}`));
    const kept: RecordedEvent[] = [];
    let state = ended;
    for (const one of outcomes) {
      const recorded = record(state, one);
      if (!recorded) continue;
      state = recorded.state;
      kept.push(recorded.event);
    }
    expect(kept).toHaveLength(8);
    expect(state).toEqual({ ...ended, late: 8 });
  });

  it('takes a redrive out of the end', () => {
    const redriven = event(1, { kind: 'redriven', maxAttempts: 6 });
    expect(record(stopped, redriven)).toMatchObject({ state: { status: 'queued' }, event: redriven });
  });
});

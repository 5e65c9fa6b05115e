import { describe, expect, it } from '@jest/globals';
import type { Job, JobEvent } from '../api/model.js';
import { withFetched, withProgress } from './job-changes.js';

const running: Job = {
  id: 'j',
  type: 'video.transcode',
  status: 'running',
  priority: 'normal',
  progress: { percent: 30 },
  attempt: 2,
  maxAttempts: 3,
  payload: {},
  result: null,
  worker: 'w',
  createdAt: '2026-01-01T00:00:00.000Z',
  queuedAt: null,
  startedAt: '2026-01-01T00:00:01.000Z',
  finishedAt: null,
};
const progressed = (attempt: number, percent: number): JobEvent => ({
  seq: 1,
  kind: 'progressed',
  at: '',
  attempt,
  worker: 'w',
  progress: { percent },
});

describe('the bar of a job', () => {
  it('moves with the progress of the attempt that runs, and with no other', () => {
    expect(withProgress(running, progressed(2, 40)).progress.percent).toBe(40);
    expect(withProgress(running, progressed(1, 90)).progress.percent).toBe(30);
    expect(withProgress({ ...running, status: 'succeeded' }, progressed(2, 40)).progress.percent).toBe(30);
  });

  it('is not turned back by an answer that was on its way', () => {
    expect(withFetched(running, { ...running, progress: { percent: 20 } }).progress.percent).toBe(30);
    expect(withFetched(running, { ...running, progress: { percent: 50 } }).progress.percent).toBe(50);
  });

  it('starts over with a new run', () => {
    const again = { ...running, startedAt: '2026-01-01T00:01:00.000Z', progress: { percent: 0 } };
    expect(withFetched(running, again).progress.percent).toBe(0);
    expect(withFetched(running, { ...running, status: 'failed', progress: { percent: 9 } }).status).toBe(
      'failed',
    );
  });
});

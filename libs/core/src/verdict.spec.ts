import { describe, expect, it } from '@jest/globals';
import { type JobStatus, type Report, verdictOn } from './index.js';

const known = (status: JobStatus, attempt: number): Report => ({ kind: 'known', job: { status, attempt } });

describe('the verdict on a job whose holder was lost', () => {
  it.each<[string, { attempt: number; suspected: number }, Report, ReturnType<typeof verdictOn>]>([
    ['it runs elsewhere: wait', { attempt: 1, suspected: 1 }, { kind: 'held' }, { kind: 'wait' }],
    ['it has ended: drop it', { attempt: 1, suspected: 1 }, known('succeeded', 1), { kind: 'drop' }],
    ['it was cancelled: drop it', { attempt: 1, suspected: 2 }, known('cancelled', 0), { kind: 'drop' }],
    [
      'its run began: the next attempt',
      { attempt: 1, suspected: 1 },
      known('running', 1),
      { kind: 'run', attempt: 2 },
    ],
    [
      'several holders, one run began',
      { attempt: 1, suspected: 3 },
      known('running', 1),
      { kind: 'run', attempt: 2 },
    ],
    [
      'it never began: no attempt is burned',
      { attempt: 1, suspected: 4 },
      known('queued', 0),
      { kind: 'run', attempt: 1 },
    ],
    [
      'it waited for its third attempt',
      { attempt: 3, suspected: 1 },
      known('retrying', 2),
      { kind: 'run', attempt: 3 },
    ],
    [
      'its failure was told, its retry not sent',
      { attempt: 2, suspected: 1 },
      known('retrying', 2),
      { kind: 'run', attempt: 3 },
    ],
    ['it was handed back', { attempt: 2, suspected: 1 }, known('queued', 2), { kind: 'run', attempt: 2 }],
    [
      'nobody knows: each lost holder counts',
      { attempt: 1, suspected: 2 },
      { kind: 'unknown' },
      { kind: 'run', attempt: 3 },
    ],
  ])('%s', (_, message, report, verdict) => {
    expect(verdictOn(message, report)).toEqual(verdict);
  });
});

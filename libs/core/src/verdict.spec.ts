import { describe, expect, it } from '@jest/globals';
import { type KnownJob, type Report, type Verdict, verdictOn } from './index.js';

const ranks = { scheduled: -1, queued: 0, running: 1, retrying: 3, succeeded: 4, failed: 4, cancelled: 4 };

const known = (status: KnownJob['status'], attempt: number, over: Partial<KnownJob> = {}): Report => ({
  kind: 'known',
  job: { status, attempt, release: 0, rank: ranks[status], ...over },
});
const run = (attempt: number, release = 0): Verdict => ({ kind: 'run', attempt, release });
const message = (attempt: number, suspected: number, release = 0) => ({ attempt, suspected, release });
const error = { code: 'handler.failed', message: 'no luck' };

describe('the verdict on a job whose holder was lost', () => {
  it.each<[string, Parameters<typeof verdictOn>[0], Report, Verdict]>([
    ['it runs elsewhere: wait', message(1, 1), { kind: 'held' }, { kind: 'wait' }],
    ['it has succeeded: drop it', message(1, 1), known('succeeded', 1), { kind: 'drop' }],
    ['it was cancelled: drop it', message(1, 2), known('cancelled', 0), { kind: 'drop' }],
    [
      'it has failed: a dead letter, if its holder died before it was one',
      message(1, 1),
      known('failed', 3, { error }),
      { kind: 'bury', attempt: 3, error },
    ],
    ['its run began: the next attempt', message(1, 1), known('running', 1), run(2)],
    ['several holders, one run began', message(1, 3), known('running', 1), run(2)],
    ['it never began: no attempt is burned', message(1, 4), known('queued', 0), run(1)],
    ['it waited for its third attempt', message(3, 1), known('retrying', 2), run(3)],
    ['its failure was told, its retry not sent', message(2, 1), known('retrying', 2), run(3)],
    ['it was handed back', message(2, 1, 1), known('queued', 2, { rank: 2 }), run(2, 1)],
    [
      'its release was told, and not handed over: later than that',
      message(2, 1),
      known('queued', 2, { rank: 2 }),
      run(2, 1),
    ],
    ['nobody knows: each lost holder counts', message(1, 2, 1), { kind: 'unknown' }, run(3, 1)],
  ])('%s', (_, of, report, verdict) => {
    expect(verdictOn(of, report)).toEqual(verdict);
  });
});

import { isEarlier, isFinal, nextSending, type Sending } from './fold.js';
import type { Report } from './hotline.js';
import type { Failure } from './signal.js';
import type { JobMessage } from './transport.js';

/** What to do with a job whose holder was lost. */
export type Verdict =
  | ({ readonly kind: 'run' } & Sending)
  /** It runs elsewhere: look again later. */
  | { readonly kind: 'wait' }
  /** It has succeeded, or was cancelled. */
  | { readonly kind: 'drop' }
  /** It has failed, and its holder may have died before it was a dead letter. */
  | { readonly kind: 'bury'; readonly attempt: number; readonly error: Failure };

/**
 * Whether to run a job again, and under which attempt and release: later than all that its events tell of. An attempt counts when its run began: a
 * deploy, a broker's restart or a neighbour's crash burn none. Where nobody can tell, each lost holder counts as a run, so that a job that kills its
 * workers has an end.
 */
export function verdictOn(
  message: Pick<JobMessage, 'attempt' | 'release' | 'suspected'>,
  report: Report,
): Verdict {
  const { attempt, release, suspected } = message;
  if (report.kind === 'held') return { kind: 'wait' };
  if (report.kind === 'unknown') return { kind: 'run', attempt: attempt + suspected, release };
  const { job } = report;
  if (job.status === 'failed')
    return { kind: 'bury', attempt: job.attempt, error: job.error ?? unknownFailure };
  if (isFinal(job.status)) return { kind: 'drop' };
  const next = nextSending(job);
  return { kind: 'run', ...(isEarlier(message, next) ? next : { attempt, release }) };
}

const unknownFailure: Failure = { code: 'job.failed', message: 'the job has failed' };

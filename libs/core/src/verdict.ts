import { isFinal } from './fold.js';
import type { Report } from './hotline.js';
import type { JobMessage } from './transport.js';

/** What to do with a job whose holder was lost. */
export type Verdict =
  | { readonly kind: 'run'; readonly attempt: number }
  /** It runs elsewhere: look again later. */
  | { readonly kind: 'wait' }
  /** It has its final status. */
  | { readonly kind: 'drop' };

/**
 * Whether to run a job again, and as which attempt. An attempt counts when its run began, which its events tell: a deploy, a broker's restart or a
 * neighbour's crash burn none. Where nobody can tell, each lost holder counts as a run, so that a job that kills its workers has an end.
 */
export function verdictOn(message: Pick<JobMessage, 'attempt' | 'suspected'>, report: Report): Verdict {
  if (report.kind === 'held') return { kind: 'wait' };
  if (report.kind === 'unknown') return { kind: 'run', attempt: message.attempt + message.suspected };
  const { status, attempt } = report.job;
  if (isFinal(status)) return { kind: 'drop' };
  const began = (status === 'running' || status === 'retrying') && attempt >= message.attempt;
  return { kind: 'run', attempt: began ? attempt + 1 : Math.max(message.attempt, attempt) };
}

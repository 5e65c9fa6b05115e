import { isFinal, type JobState } from '@heavylift/core';

/** One run of a handler, as the handler itself saw it: independent of what the product recorded. */
export interface Run {
  readonly jobId: string;
  readonly run: string;
  readonly attempt: number;
  /** stopped: it was cancelled, or handed back. */
  end?: 'succeeded' | 'failed' | 'stopped';
}

/** A worker's question what became of a job. */
interface Inquiry {
  readonly jobId: string;
  readonly askedAt: number;
  /** In time for sure. */
  answered: boolean;
}

/** All that happened, for the checks. */
export class Ledger {
  /** What the client was told of each job: `unsure` may be there or not. */
  readonly submitted = new Map<string, 'sure' | 'unsure'>();
  readonly runs = new Map<string, Run>();
  /** A holder of the message of this attempt was lost, as many before him as `suspected` says. */
  readonly losses: { readonly jobId: string; readonly attempt: number; readonly suspected: number }[] = [];
  /** What workers asked after, by the inquiry's name. */
  readonly inquiries = new Map<string, Inquiry>();
  /** The jobs of which a message came once more: the broker has it twice, or it was handed back. */
  readonly copies: string[] = [];
  /** How often a broker forgot everything. */
  wipes = 0;
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  readonly #states = new Map<string, JobState>();

  started(jobId: string, run: string, attempt: number): Run {
    const started: Run = { jobId, run, attempt };
    if (this.runs.has(run)) this.violations.push(`${jobId}: two runs are called ${run}`);
    this.runs.set(run, started);
    return started;
  }

  runsOf(jobId: string): Run[] {
    return [...this.runs.values()].filter((run) => run.jobId === jobId);
  }

  /** Whether a worker may have had to go on without knowing what became of the job. */
  wasUnanswered(jobId: string): boolean {
    return [...this.inquiries.values()].some((one) => one.jobId === jobId && !one.answered);
  }

  /** Compares what a job is now with what it was. */
  observed(jobId: string, state: JobState): void {
    const before = this.#states.get(jobId);
    this.#states.set(jobId, state);
    if (!before || same(before, state)) return;
    this.note(
      `${jobId}: ${before.status} ${positionOf(before).join('.')} -> ${state.status} ${positionOf(state).join('.')}`,
    );
    if (isFinal(before.status))
      this.violations.push(`${jobId}: changed after it was final, from ${before.status} to ${state.status}`);
    if (!isFinal(state.status) && isBefore(positionOf(state), positionOf(before)))
      this.violations.push(`${jobId}: went back from ${before.status} to ${state.status}`);
  }

  note(line: string): void {
    this.trace.push(line);
  }
}

function positionOf({ attempt, release, rank }: JobState): readonly number[] {
  return [attempt, release, rank];
}

function isBefore(one: readonly number[], other: readonly number[]): boolean {
  const differs = one.findIndex((value, at) => value !== other[at]);
  return differs >= 0 && one[differs]! < other[differs]!;
}

function same(one: JobState, other: JobState): boolean {
  return (
    one.status === other.status &&
    one.run === other.run &&
    one.finishedAt === other.finishedAt &&
    positionOf(one).join() === positionOf(other).join()
  );
}

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type BulkAction, doToMany, type JobSelection } from '../api/api.js';
import { asProblem, type Problem } from '../api/problem.js';
import { ConfirmButton } from '../ui/confirm-button.js';
import { ProblemNotice } from '../ui/problem-notice.js';

interface BulkActionsProps {
  readonly selection: JobSelection;
  readonly onDone: () => void;
}

/** What each can be done to, where the list is of one status; and what it does. */
const actions = {
  cancel: {
    statuses: ['scheduled', 'queued', 'running', 'retrying'],
    any: 'unfinished',
    label: (which: string) => `Cancel all ${which}`,
    question: (jobs: string) => `Cancel ${jobs}?`,
    done: (count: number) => `${countOf(count)} ${count === 1 ? 'was' : 'were'} cancelled.`,
  },
  retry: {
    statuses: ['failed', 'cancelled'],
    any: 'failed and cancelled',
    label: (which: string) => `Retry all ${which}`,
    question: (jobs: string) => `Let ${jobs} run anew?`,
    done: (count: number) => `${countOf(count)} ${count === 1 ? 'runs' : 'run'} anew.`,
  },
} as const;

/** Cancels or retries all that the filters select, shown or not, after asking the gateway how many that is. */
export function BulkActions({ selection, onDone }: BulkActionsProps): JSX.Element {
  const [problem, setProblem] = useState<Problem>();
  const [told, setTold] = useState<string>();
  const attempt = async <T,>(work: () => Promise<T>): Promise<T | undefined> => {
    setProblem(undefined);
    setTold(undefined);
    return work().catch((error: unknown) => void setProblem(asProblem(error)));
  };
  if (!Object.values(selection).some(Boolean))
    return (
      <p class="muted">
        With a status, a job type or an id chosen, all such jobs can be cancelled or retried.
      </p>
    );
  const ask = async (what: BulkAction): Promise<string | undefined> => {
    const found = await attempt(() => doToMany(what, selection, { dryRun: true }));
    if (found?.matched === 0) setTold(`There is no job to ${what}.`);
    if (!found?.matched) return undefined;
    return actions[what].question(countOf(found.matched, selection.status));
  };
  const act = async (what: BulkAction): Promise<void> => {
    const answer = await attempt(() => doToMany(what, selection, { dryRun: false }));
    if (answer) setTold(actions[what].done(answer.done));
    onDone();
  };
  return (
    <div class="actions">
      {possible(selection.status).map((what) => (
        <ConfirmButton
          key={what}
          label={actions[what].label(selection.status ?? actions[what].any)}
          question={() => ask(what)}
          onConfirm={() => act(what)}
        />
      ))}
      {told && <p role="status">{told}</p>}
      <ProblemNotice problem={problem} />
    </div>
  );
}

function possible(status: string | undefined): readonly BulkAction[] {
  const all: readonly BulkAction[] = ['cancel', 'retry'];
  return all.filter((what) => !status || (actions[what].statuses as readonly string[]).includes(status));
}

function countOf(count: number, status = ''): string {
  const what = [status, count === 1 ? 'job' : 'jobs'].filter(Boolean).join(' ');
  return `${count === 1 ? 'one' : count.toLocaleString()} ${what}`;
}

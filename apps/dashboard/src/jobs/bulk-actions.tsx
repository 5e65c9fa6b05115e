import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { cancelJob, retryJob } from '../api/api.js';
import { isFinal, type Job } from '../api/model.js';
import { asProblem, type Problem } from '../api/problem.js';
import { ConfirmButton } from '../ui/confirm-button.js';
import { ProblemNotice } from '../ui/problem-notice.js';

interface BulkActionsProps {
  readonly jobs: readonly Job[];
  readonly onDone: () => void;
}

/** Cancels or retries what the list shows, after saying how many that is. */
export function BulkActions({ jobs, onDone }: BulkActionsProps): JSX.Element {
  const [problem, setProblem] = useState<Problem>();
  const open = jobs.filter(({ status }) => !isFinal(status));
  const ended = jobs.filter(({ status }) => status === 'failed' || status === 'cancelled');
  const each = async (chosen: readonly Job[], work: (id: string) => Promise<unknown>): Promise<void> => {
    setProblem(undefined);
    for (const { id } of chosen) await work(id).catch((error: unknown) => setProblem(asProblem(error)));
    onDone();
  };
  return (
    <div class="actions">
      {open.length > 0 && (
        <ConfirmButton
          label={`Cancel ${open.length} shown`}
          question={`Cancel ${count(open.length)}?`}
          onConfirm={() => each(open, cancelJob)}
        />
      )}
      {ended.length > 0 && (
        <ConfirmButton
          label={`Retry ${ended.length} shown`}
          question={`Let ${count(ended.length)} run anew?`}
          onConfirm={() => each(ended, retryJob)}
        />
      )}
      <ProblemNotice problem={problem} />
    </div>
  );
}

function count(jobs: number): string {
  return jobs === 1 ? 'one job' : `${jobs} jobs`;
}

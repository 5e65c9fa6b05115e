import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { cancelJob } from '../api/api.js';
import { asProblem, type Problem } from '../api/problem.js';
import { ProblemNotice } from '../ui/problem-notice.js';

/** Stops a job; the job's own events tell the rest. */
export function CancelButton({ id }: { readonly id: string }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const cancel = async (): Promise<void> => {
    setBusy(true);
    try {
      await cancelJob(id);
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <>
      <ProblemNotice problem={problem} />
      <div>
        <button type="button" class="quiet" id="cancel" disabled={busy} onClick={() => void cancel()}>
          Cancel job
        </button>
      </div>
    </>
  );
}

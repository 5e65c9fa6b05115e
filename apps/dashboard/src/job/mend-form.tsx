import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { mendAndRedrive } from '../api/dead-letters.js';
import { retryJob } from '../api/api.js';
import type { Job } from '../api/model.js';
import { asProblem, type Problem } from '../api/problem.js';
import { JsonField, jsonOf } from '../ui/json-field.js';
import { ProblemNotice } from '../ui/problem-notice.js';

interface MendFormProps {
  readonly job: Job;
  readonly onDone: () => void;
}

/** Lets a job that failed or was cancelled run anew; a failed one with another payload, if that was the trouble. */
export function MendForm({ job, onDone }: MendFormProps): JSX.Element {
  const before = JSON.stringify(job.payload, undefined, 2);
  const [text, setText] = useState(before);
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const { value, error } = jsonOf(text);
  const isMended = text !== before && value !== undefined;
  const redrive = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await (isMended ? mendAndRedrive(job.id, value) : retryJob(job.id));
      onDone();
    } catch (refusal) {
      setProblem(asProblem(refusal));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="stack">
      {job.status === 'failed' && (
        <details>
          <summary>Mend the payload</summary>
          <JsonField name="payload" label="Payload" value={text} error={error} onChange={setText} />
        </details>
      )}
      <ProblemNotice problem={problem} />
      <button
        id="retry"
        type="button"
        class="primary"
        disabled={busy || error !== undefined}
        onClick={() => void redrive()}
      >
        {isMended ? 'Run anew with this payload' : 'Run anew'}
      </button>
    </div>
  );
}

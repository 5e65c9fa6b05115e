import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { drainWorker, resizeWorker, resumeWorker, type Worker } from '../api/workers.js';
import { NumberField } from '../ui/input-field.js';
import { LineForm } from '../ui/line-form.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { useAction } from '../ui/use-action.js';

/** What one worker can be told. */
export function SteerForm({ worker }: { readonly worker: Worker }): JSX.Element {
  const { id, status } = worker;
  const [slots, setSlots] = useState(String(worker.concurrency));
  const { busy, problem, act } = useAction();
  const takes = status === 'running';
  const verb = takes ? 'Drain' : 'Resume';
  return (
    <>
      <div class="actions actions-end">
        <button
          type="button"
          class="quiet"
          aria-label={`${verb} ${id}`}
          disabled={busy}
          onClick={() => void act(() => (takes ? drainWorker(id) : resumeWorker(id)))}
        >
          {verb}
        </button>
        <LineForm
          button="Resize"
          name={`Resize ${id}`}
          disabled={busy || slots === String(worker.concurrency)}
          onSubmit={() => void act(() => resizeWorker(id, Number(slots)))}
        >
          <NumberField name="concurrency" label="Jobs at a time" value={slots} onChange={setSlots} />
        </LineForm>
      </div>
      <ProblemNotice problem={problem} />
    </>
  );
}

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { limitQueue, type Queue } from '../api/queues.js';
import { errorsByPath } from '../api/problem.js';
import { NumberField } from '../ui/input-field.js';
import { LineForm } from '../ui/line-form.js';
import { useAction } from '../ui/use-action.js';

/** How many jobs of a queue may start in a minute. */
export function RateForm({ queue }: { readonly queue: Queue }): JSX.Element {
  const [rate, setRate] = useState(queue.ratePerMinute === null ? '' : String(queue.ratePerMinute));
  const { busy, problem, act } = useAction();
  const perMinute = rate.trim() === '' ? null : Number(rate);
  return (
    <LineForm
      button="Set"
      name={`Set the limit of ${queue.name}`}
      disabled={busy}
      onSubmit={() => void act(() => limitQueue(queue.name, perMinute))}
    >
      <NumberField
        name="perMinute"
        label="Starts a minute, over all workers (empty: no limit)"
        value={rate}
        error={problem && (errorsByPath(problem).get('perMinute') ?? problem.detail)}
        onChange={setRate}
      />
    </LineForm>
  );
}

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { purgeQueue } from '../api/queues.js';
import { TextField } from '../ui/input-field.js';
import { LineForm } from '../ui/line-form.js';
import { useAction } from '../ui/use-action.js';

interface PurgeFormProps {
  /** The queue's. */
  readonly name: string;
}

/** Cancels all that waits, for who types the queue's name. */
export function PurgeForm({ name }: PurgeFormProps): JSX.Element {
  const [typed, setTyped] = useState('');
  const [cancelled, setCancelled] = useState<number>();
  const { busy, problem, act } = useAction();
  const purge = async (): Promise<void> => {
    const done = await act(async () => setCancelled((await purgeQueue(name, typed)).cancelled));
    if (done) setTyped('');
  };
  return (
    <>
      <LineForm
        button="Purge"
        name={`Purge ${name}`}
        disabled={busy || typed !== name}
        onSubmit={() => void purge()}
      >
        <TextField
          name="confirm"
          label={`Cancel all that waits: type ${name}`}
          value={typed}
          error={problem?.detail}
          onChange={setTyped}
        />
      </LineForm>
      {cancelled !== undefined && (
        <p class="notice notice-good" role="status">
          {cancelled === 1 ? 'One job was' : `${cancelled.toLocaleString()} jobs were`} cancelled.
        </p>
      )}
    </>
  );
}

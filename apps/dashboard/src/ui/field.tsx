import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly error: string | undefined;
  /** The control, with the attributes that tie it to its label and its error. */
  readonly children: (wiring: FieldWiring) => ComponentChildren;
}

interface FieldWiring {
  readonly id: string;
  readonly 'aria-invalid': 'true' | undefined;
  readonly 'aria-describedby': string | undefined;
}

/** A label, its control, and below it what the gateway found wrong. */
export function Field({ label, error, children }: FieldProps): JSX.Element {
  const id = useId();
  const errorId = error ? `${id}-error` : undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-invalid': error ? 'true' : undefined, 'aria-describedby': errorId })}
      {error && (
        <p id={errorId} class="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

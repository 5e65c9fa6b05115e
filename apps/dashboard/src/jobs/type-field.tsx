import type { JSX } from 'preact';
import { Field } from '../ui/field.js';

interface TypeFieldProps {
  readonly value: string;
  readonly onChange: (value: string | undefined) => void;
}

/** A job type by its name; taken when the field is left or Enter is pressed, so that half a name asks for nothing. */
export function TypeField({ value, onChange }: TypeFieldProps): JSX.Element {
  return (
    <Field label="Job type" error={undefined}>
      {(wiring) => (
        <input
          {...wiring}
          key={value}
          name="type"
          type="search"
          defaultValue={value}
          placeholder="all, or like video.transcode"
          autoCapitalize="none"
          autoComplete="off"
          spellcheck={false}
          onChange={(event) => onChange(event.currentTarget.value.trim() || undefined)}
        />
      )}
    </Field>
  );
}

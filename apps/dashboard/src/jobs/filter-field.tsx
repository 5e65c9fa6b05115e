import type { JSX } from 'preact';
import { Field } from '../ui/field.js';

interface FilterFieldProps {
  readonly name: string;
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string | undefined) => void;
}

/** A text to filter by; taken when the field is left or Enter is pressed, so that half a name asks for nothing. */
export function FilterField({ name, label, placeholder, value, onChange }: FilterFieldProps): JSX.Element {
  return (
    <Field label={label} error={undefined}>
      {(wiring) => (
        <input
          {...wiring}
          key={value}
          name={name}
          type="search"
          defaultValue={value}
          placeholder={placeholder}
          autoCapitalize="none"
          autoComplete="off"
          spellcheck={false}
          onChange={(event) => onChange(event.currentTarget.value.trim() || undefined)}
        />
      )}
    </Field>
  );
}

import type { JSX } from 'preact';
import { Field } from './field.js';

interface InputFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  readonly error?: string | undefined;
}

/** A short text; what it may be is the gateway's to say. */
export function TextField(props: InputFieldProps): JSX.Element {
  return (
    <Field label={props.label} error={props.error}>
      {(wiring) => (
        <input {...wiring} {...inputOf(props)} type="text" autoCapitalize="none" spellcheck={false} />
      )}
    </Field>
  );
}

/** A whole number. */
export function NumberField(props: InputFieldProps): JSX.Element {
  return (
    <Field label={props.label} error={props.error}>
      {(wiring) => <input {...wiring} {...inputOf(props)} type="number" inputMode="numeric" />}
    </Field>
  );
}

function inputOf({ name, value, placeholder, onChange }: InputFieldProps) {
  return {
    name,
    value,
    placeholder,
    autoComplete: 'off',
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => onChange(event.currentTarget.value),
  };
}

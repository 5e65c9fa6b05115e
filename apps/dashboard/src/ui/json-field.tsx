import type { JSX } from 'preact';
import { isRecord } from '../is-record.js';
import { Field } from './field.js';

interface JsonFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** A JSON object, as text. */
export function JsonField(props: JsonFieldProps): JSX.Element {
  return (
    <Field label={props.label} error={props.error}>
      {(wiring) => (
        <textarea
          {...wiring}
          name={props.name}
          rows={Math.min(16, Math.max(3, props.value.split('\n').length))}
          placeholder={props.placeholder}
          spellcheck={false}
          autoComplete="off"
          value={props.value}
          onInput={(event) => props.onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** The object that a text means; none for an empty one. */
export function jsonOf(text: string): {
  readonly value?: Readonly<Record<string, unknown>>;
  readonly error: string | undefined;
} {
  if (text.trim() === '') return { error: undefined };
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value)
      ? { value, error: undefined }
      : { error: 'must be a JSON object, like { "height": 480 }' };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

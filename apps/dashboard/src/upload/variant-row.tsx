import type { JSX } from 'preact';
import { NumberField, TextField } from '../ui/input-field.js';
import { SelectField } from '../ui/select-field.js';
import { imageFits, imageFormats, type VariantChoice } from './payloads.js';

interface VariantRowProps {
  readonly index: number;
  readonly value: VariantChoice;
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (value: VariantChoice) => void;
  readonly onRemove: (() => void) | undefined;
}

/** One picture to make. */
export function VariantRow({ index, value, errors, onChange, onRemove }: VariantRowProps): JSX.Element {
  const at = (field: string) => {
    const name = `variants[${index}].${field}`;
    return { name, error: errors.get(name) };
  };
  const set = (part: Partial<VariantChoice>): void => onChange({ ...value, ...part });
  return (
    <fieldset class="variant">
      <legend class="sr-only">Picture {index + 1}</legend>
      <TextField {...at('name')} label="Name" value={value.name} onChange={(name) => set({ name })} />
      <SelectField
        {...at('format')}
        label="Format"
        options={imageFormats}
        value={value.format}
        onChange={(format) => set({ format })}
      />
      <NumberField
        {...at('width')}
        label="Width"
        value={value.width}
        placeholder="auto"
        onChange={(width) => set({ width })}
      />
      <NumberField
        {...at('height')}
        label="Height"
        value={value.height}
        placeholder="auto"
        onChange={(height) => set({ height })}
      />
      <SelectField
        {...at('fit')}
        label="Fit"
        options={imageFits}
        value={value.fit}
        onChange={(fit) => set({ fit })}
      />
      <button
        type="button"
        class="quiet remove"
        aria-label={`Remove ${value.name || `picture ${index + 1}`}`}
        disabled={!onRemove}
        onClick={onRemove}
      >
        ✕
      </button>
    </fieldset>
  );
}

import type { JSX } from 'preact';
import { presets, type VariantChoice, variantOf } from './payloads.js';
import { VariantRow } from './variant-row.js';

interface VariantsFieldsProps {
  readonly value: readonly VariantChoice[];
  readonly onChange: (value: readonly VariantChoice[]) => void;
  readonly errors: ReadonlyMap<string, string>;
}

export function VariantsFields({ value, onChange, errors }: VariantsFieldsProps): JSX.Element {
  return (
    <>
      {value.map((variant, index) => (
        <VariantRow
          key={variant.row}
          index={index}
          value={variant}
          errors={errors}
          onChange={(next) => onChange(value.with(index, next))}
          onRemove={value.length > 1 ? () => onChange(value.toSpliced(index, 1)) : undefined}
        />
      ))}
      <div class="adders" role="group" aria-label="Add a picture">
        {presets.map((preset) => (
          <button
            key={preset.name}
            type="button"
            class="quiet"
            onClick={() => onChange([...value, variantOf(preset, value)])}
          >
            + {preset.name} <span class="muted">{`${preset.width} ${preset.format}`}</span>
          </button>
        ))}
      </div>
    </>
  );
}

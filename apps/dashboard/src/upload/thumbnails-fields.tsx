import type { JSX } from 'preact';
import { NumberField } from '../ui/input-field.js';
import type { ThumbnailsChoice } from './payloads.js';

interface ThumbnailsFieldsProps {
  readonly value: ThumbnailsChoice;
  readonly onChange: (value: ThumbnailsChoice) => void;
  readonly errors: ReadonlyMap<string, string>;
}

export function ThumbnailsFields({ value, onChange, errors }: ThumbnailsFieldsProps): JSX.Element {
  return (
    <div class="fields">
      <NumberField
        name="count"
        label="Pictures, evenly spread"
        value={value.count}
        onChange={(count) => onChange({ ...value, count })}
        placeholder="1"
        error={errors.get('count')}
      />
      <NumberField
        name="width"
        label="Width in pixels"
        value={value.width}
        onChange={(width) => onChange({ ...value, width })}
        placeholder="as source"
        error={errors.get('width')}
      />
    </div>
  );
}

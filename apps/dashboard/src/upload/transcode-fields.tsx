import type { JSX } from 'preact';
import { Choice } from '../ui/choice.js';
import type { TranscodeChoice } from './payloads.js';

const formats = [
  { value: 'mp4', label: 'MP4' },
  { value: 'webm', label: 'WebM' },
] as const;

const heights = [
  { value: '240', label: '240p' },
  { value: '360', label: '360p' },
  { value: '480', label: '480p' },
  { value: '720', label: '720p' },
  { value: 'source', label: 'As source' },
] as const;

interface TranscodeFieldsProps {
  readonly value: TranscodeChoice;
  readonly onChange: (value: TranscodeChoice) => void;
  readonly errors: ReadonlyMap<string, string>;
}

export function TranscodeFields({ value, onChange, errors }: TranscodeFieldsProps): JSX.Element {
  return (
    <>
      <Choice
        name="format"
        legend="Format"
        options={formats}
        value={value.format}
        onChange={(format) => onChange({ ...value, format })}
        error={errors.get('format')}
      />
      <Choice
        name="height"
        legend="Height"
        options={heights}
        value={value.height}
        onChange={(height) => onChange({ ...value, height })}
        error={errors.get('height')}
      />
      <label class="check">
        <input
          type="checkbox"
          name="audio"
          checked={value.audio}
          onChange={(event) => onChange({ ...value, audio: event.currentTarget.checked })}
        />
        Keep the sound
      </label>
    </>
  );
}
